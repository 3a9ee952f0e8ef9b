import type { loggingApi } from '@mysmtp/api';
import { day, hour, isStatus } from '@mysmtp/contracts';
import { problems, type Handler } from '@mysmtp/http';
import type { Clock } from '@mysmtp/service';
import type { Count, StatisticsStore } from '../statistics/store.ts';
import { orUnavailable } from './answer.ts';

/** The longest period of one answer, and the default. Milliseconds. */
const periods = {
  hour: { length: hour, usual: day, longest: 31 * day },
  day: { length: day, usual: 31 * day, longest: 400 * day },
} as const;

/** How many recipients had which outcome, by hour or day of acceptance. No key is needed for it. */
export function showStatistics(deps: {
  readonly statistics: Pick<StatisticsStore, 'find'>;
  readonly clock: Clock;
}): Handler<typeof loggingApi.showStatistics> {
  const { statistics, clock } = deps;
  return async ({ query, principal: { tenant } }) => {
    const { length, usual, longest } = periods[query.by];
    const before = query.before ?? clock.now() + 1;
    const after = query.after ?? before - usual;
    if (before - after > longest) {
      const message = `At most ${String(longest / day)} days in one answer`;
      throw problems.invalid([{ path: 'after', message }]);
    }
    const start = after - (after % length);
    const hours = await orUnavailable(statistics.find(tenant, start, before + hour - 1));
    const sums = new Map<string, Count & { from: string }>();
    for (const { hour: at, counts } of hours) {
      const from = new Date(at.getTime() - (at.getTime() % length)).toISOString();
      for (const { credential, status, lastReply, recipients } of counts) {
        // A status of a newer release.
        if (!isStatus(status)) continue;
        const key = [from, credential, status, lastReply].join();
        const before = sums.get(key)?.recipients ?? 0;
        const sum = before + recipients;
        sums.set(key, { from, credential, status, lastReply, recipients: sum });
      }
    }
    return { status: 200, body: { statistics: [...sums.values()] } };
  };
}
