import type { Report } from '../courier/attempt.ts';
import type { Schedule } from './case.ts';
import { soonAfter } from './delays.ts';

export interface Plan {
  /** The next attempt as it was written down before this one. */
  readonly planned: number;
  readonly tries: number;
  readonly now: number;
}

/**
 * When a message is due again after these reports. Where nobody was dialled for a reason that is not
 * the message's, the try does not count and the wait is short.
 */
export function scheduleAfter(
  reports: readonly Report[],
  { planned, tries, now }: Plan,
  before: { readonly tries: number; readonly handlings: number },
): Schedule {
  const attempts = reports.filter((report) => report.attempted);
  if (attempts.length === 0) {
    const stopping = reports.some((report) => !report.attempted && report.why === 'stopping');
    return { ...before, nextAt: stopping ? now : soonAfter(now) };
  }
  const lookAgain = attempts.map((report) => report.retryAt);
  // All of it waits for a site that is down: the first time only until somebody looks again.
  const soon = before.tries === 0 && lookAgain.every((at) => at !== undefined);
  const nextAt = soon ? Math.min(planned, soonAfter(Math.max(...lookAgain))) : planned;
  return { nextAt, tries, handlings: 0 };
}
