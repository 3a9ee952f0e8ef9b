/** Whether a site answers at all. A dead site is detected once and not dialled for every message. */
export interface Health {
  readonly failures: number;
  /** The site is not dialled before this moment. */
  readonly skipUntil: number;
}

export const healthy: Health = { failures: 0, skipUntil: 0 };

const firstSkip = 30_000;
export const longestSkip = 900_000;

/** The health after one more failure to connect. */
export function afterFailure({ failures }: Health, now: number): Health {
  return {
    failures: failures + 1,
    skipUntil: now + Math.min(firstSkip * 2 ** failures, longestSkip),
  };
}

/** True after a failure, until a success. Meanwhile one dial at a time tests the site. */
export const isDoubtful = (health: Health): boolean => health.failures > 0;
