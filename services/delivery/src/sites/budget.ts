/**
 * How many connections a site is given: more while it takes mail, fewer when it refuses for now, half
 * when one breaks (the idea of Postfix's qmgr: additive increase, multiplicative decrease).
 */
export interface Budget {
  readonly limit: number;
  readonly successes: number;
}

const first = 5;

export function newBudget(most: number): Budget {
  return { limit: Math.min(first, most), successes: 0 };
}

/** One more connection for every round of successes as long as the limit. */
export function afterSuccess({ limit, successes }: Budget, most: number): Budget {
  if (limit >= most) return { limit, successes: 0 };
  return successes + 1 >= limit
    ? { limit: limit + 1, successes: 0 }
    : { limit, successes: successes + 1 };
}

/** One connection less for each message that it refused for now. */
export function afterThrottle({ limit }: Budget): Budget {
  return { limit: Math.max(1, limit - 1), successes: 0 };
}

export function afterBreak({ limit }: Budget): Budget {
  return { limit: Math.max(1, Math.floor(limit / 2)), successes: 0 };
}
