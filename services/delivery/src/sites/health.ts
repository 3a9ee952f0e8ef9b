/** Whether a site answers at all. A dead one is noticed once, not tried for every message. */
export interface Health {
  readonly failures: number;
  /** Nobody dials before this moment. */
  readonly skipUntil: number;
}

export const healthy: Health = { failures: 0, skipUntil: 0 };

const firstSkip = 30_000;
export const longestSkip = 900_000;

/** After one more time that no connection could be had. */
export function afterFailure({ failures }: Health, now: number): Health {
  return {
    failures: failures + 1,
    skipUntil: now + Math.min(firstSkip * 2 ** failures, longestSkip),
  };
}

/** Dead until it has proved otherwise: while true, one dial at a time is enough to find out. */
export const isDoubtful = (health: Health): boolean => health.failures > 0;
