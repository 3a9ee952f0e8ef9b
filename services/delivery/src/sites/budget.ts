/**
 * How many connections a site may have: more while it accepts mail, fewer if it defers mail, half if a
 * connection breaks (the idea of Postfix's qmgr: additive increase, multiplicative decrease).
 */
export interface Budget {
  readonly limit: number;
  readonly successes: number;
}

const first = 5;

export function newBudget(most: number): Budget {
  return { limit: Math.min(first, most), successes: 0 };
}

/** One more connection after as many successes as the limit. */
export function afterSuccess({ limit, successes }: Budget, most: number): Budget {
  if (limit >= most) return { limit, successes: 0 };
  return successes + 1 >= limit
    ? { limit: limit + 1, successes: 0 }
    : { limit, successes: successes + 1 };
}

/** One connection less for each message that the site deferred. */
export function afterThrottle({ limit }: Budget): Budget {
  return { limit: Math.max(1, limit - 1), successes: 0 };
}

export function afterBreak({ limit }: Budget): Budget {
  return { limit: Math.max(1, Math.floor(limit / 2)), successes: 0 };
}
