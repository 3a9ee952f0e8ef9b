import { hour } from '@mysmtp/contracts';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import type { DayCollections } from '../messages/day-collections.ts';
import { Gauge, type Registry } from 'prom-client';
import { lastReplyOf, type Row } from '../messages/row.ts';
import { lowestRowId } from '../messages/row-id.ts';
import { wholeDay } from '../messages/time-buckets.ts';
import type { Retentions } from '../retention/retentions.ts';
import type { Count, StatisticsStore } from './store.ts';

/** Keeps the statistics equal to the rows of the usage log, as long as there are rows. */
export interface HourCounter {
  /** Rows of the hours of these times (milliseconds) were written. */
  changed(acceptedAt: Iterable<number>): void;
  /** Counts the changed hours. The first run counts all, because a process may have crashed before. */
  run(): Promise<void>;
}

/**
 * How many rows are counted in a second, on average. A row costs the database about 5 µs, so counting takes
 * at most 0.5 % of a core, and an hour with many rows is counted less often.
 */
const rowsPerSecond = 1_000;
/** How long statistics are kept: a year, and a month to compare with. */
const kept = 400 * 24 * hour;

/**
 * Counts the rows of an hour again whenever one has changed, and stores the result. So each recipient counts
 * once, no matter how often an event is redelivered or a process crashes. An hour is counted until retention
 * removes its first row; then its statistics do not change any more.
 */
export function createHourCounter(deps: {
  readonly days: DayCollections;
  readonly store: StatisticsStore;
  readonly tenants: Pick<Tenants, 'writeAll' | 'fencedBy'>;
  readonly retentions: Pick<Retentions, 'completeSince'>;
  /** No row is older. Milliseconds. */
  readonly longest: number;
  readonly clock: Clock;
  readonly metrics: Registry;
}): HourCounter {
  const { days, store, tenants, retentions, longest, clock } = deps;
  const waiting = new Set<number>();
  /** Since when each hour has changes that are not counted. */
  const uncounted = new Map<number, number>();
  const lag: Gauge = new Gauge({
    name: 'mysmtp_usage_log_statistics_lag_seconds',
    help: 'How long the oldest change of a row waits to be in the statistics.',
    registers: [deps.metrics],
    collect() {
      const oldest = Math.min(clock.now(), ...uncounted.values());
      lag.set((clock.now() - oldest) / 1_000);
    },
  });
  let isFirst = true;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let removedAt = Number.NEGATIVE_INFINITY;

  async function addAllHours(): Promise<void> {
    for (const { from, below } of (await days.days()).map(wholeDay)) {
      for (let start = from; start < below; start += hour) waiting.add(start);
    }
  }

  /** Returns how many rows the hour has. */
  async function count(start: number): Promise<number> {
    const countedAt = clock.now();
    if (start < countedAt - longest) return 0;
    const byTenant = new Map<string, Count[]>();
    let rows = 0;
    for (const { _id, recipients } of await group(days, start)) {
      rows += recipients;
      if (tenants.fencedBy(_id.tenant) !== undefined) continue;
      // An hour of distance, because retention may run meanwhile.
      if (start < retentions.completeSince(_id.tenant) + hour) continue;
      const { tenant, status, credential = null } = _id;
      const one = { credential, status, lastReply: lastReplyOf(_id), recipients };
      byTenant.set(tenant, [...(byTenant.get(tenant) ?? []), one]);
    }
    const put = () => store.put(start, countedAt, byTenant);
    // The other count may be of older rows.
    if (!(await tenants.writeAll(byTenant.keys(), put))) waiting.add(start);
    return rows;
  }

  return {
    changed(acceptedAt) {
      for (const at of acceptedAt) {
        const start = at - (at % hour);
        waiting.add(start);
        if (!uncounted.has(start)) uncounted.set(start, clock.now());
      }
    },
    async run() {
      if (performance.now() < pausedUntil) return;
      const isOfAll = isFirst;
      if (isOfAll) await addAllHours();
      isFirst = false;
      let rows = 0;
      for (const start of new Set(waiting)) {
        // Before the count, because a row may change during it.
        waiting.delete(start);
        const since = uncounted.get(start);
        uncounted.delete(start);
        try {
          rows += await count(start);
        } catch (error) {
          waiting.add(start);
          if (since !== undefined) uncounted.set(start, since);
          throw error;
        }
      }
      // The first run counts a week, and would delay the next one by hours.
      if (!isOfAll) pausedUntil = performance.now() + (rows / rowsPerSecond) * 1_000;
      const now = clock.now();
      if (now - removedAt < hour) return;
      await store.removeBefore(now - kept);
      removedAt = now;
    },
  };
}

type Grouped = Pick<Row, 'tenant' | 'status' | 'credential' | 'lastReply'>;

/** The rows of an hour by everything that is counted. */
function group(
  days: DayCollections,
  start: number,
): Promise<{ _id: Grouped; recipients: number }[]> {
  const _id = { $gte: lowestRowId(start), $lt: lowestRowId(start + hour) };
  const by = {
    tenant: '$tenant',
    status: '$status',
    credential: '$credential',
    lastReply: '$lastReply',
  };
  return days
    .at(start)
    .aggregate<{ _id: Grouped; recipients: number }>(
      [{ $match: { _id } }, { $group: { _id: by, recipients: { $sum: 1 } } }],
      { timeoutMS: 60_000 },
    )
    .toArray();
}
