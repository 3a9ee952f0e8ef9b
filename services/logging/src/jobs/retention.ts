import { hour, isFinal, statuses } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retentionGauges, type Clock } from '@mysmtp/service';
import type { mongo } from 'mongoose';
import type { Registry } from 'prom-client';
import type { DayCollections } from '../messages/day-collections.ts';
import { deleteRows } from '../messages/delete-rows.ts';
import { acceptedAtOf, lowestRowId } from '../messages/row-id.ts';
import { withoutContent, type Row } from '../messages/row.ts';
import { bucketsOn, wholeDay } from '../messages/time-buckets.ts';
import type { Retentions } from '../retention/retentions.ts';

const store = 'logging.messages';
/** How late a due row may be removed. */
const grace = hour;

/** Twice as often as necessary, so that a run may fail or take long. */
export const retentionPeriod = grace / 2;

/**
 * For so many runs the content of all rows of a tenant with 0 days is removed. Afterwards none has content: by
 * then every process has seen the choice, and writes no content of a final row.
 */
const runsForContent = 3;

const finalStatuses = statuses.filter(isFinal);

type Rows = mongo.Filter<Row>;

/**
 * One run of retention, which leaves nothing older than its tenant has chosen, or than `usual`. Between runs
 * nothing becomes more than an hour older (GDPR Art. 5(1)(e)).
 */
export function createRetention(deps: {
  readonly days: DayCollections;
  readonly retentions: Retentions;
  readonly usual: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}): () => Promise<void> {
  const { days, retentions, usual, clock, log, metrics } = deps;
  const gauges = retentionGauges({ store, limit: usual + grace, clock, metrics });
  /** Days past the usual retention that have only rows of tenants that have chosen. */
  const cleaned = new Set<string>();
  /** By tenant: what was done for the days that it has chosen. */
  const done = new Map<string, { chosen: number; below: number; runs: number }>();

  /** Whole days are dropped if no tenant keeps them; the other rows are deleted. */
  async function removeUsual(limit: number, chosen: readonly string[]): Promise<void> {
    const longest = Math.max(usual, ...chosen.map((tenant) => retentions.of(tenant)));
    const rows: Rows = chosen.length === 0 ? {} : { tenant: { $nin: [...chosen] } };
    for (const name of await days.days()) {
      const day = wholeDay(name);
      if (day.from >= limit) break;
      if (day.below <= clock.now() - longest) {
        await days.drop(name);
        cleaned.delete(name);
        log.info('retention.day_dropped', { day: name });
        continue;
      }
      if (cleaned.has(name)) continue;
      let count = 0;
      await deleteRows(days, rows, { from: day.from, below: Math.min(limit, day.below) }, (one) => {
        count += one;
      });
      if (day.below <= limit) cleaned.add(name);
      log.info('retention.rows_deleted', { day: name, count });
    }
  }

  async function removeChosen(tenant: string, chosen: number): Promise<void> {
    const known = done.get(tenant);
    const before = known?.chosen === chosen ? known : { chosen, below: 0, runs: 0 };
    const below = clock.now() - retentions.of(tenant);
    for (const day of (await days.days()).map(wholeDay)) {
      if (chosen === 0 && before.runs < runsForContent) await removeContent(tenant, day.from);
      const span = { from: Math.max(day.from, before.below), below: Math.min(day.below, below) };
      if (span.from >= span.below) continue;
      // One status at a time, for the index by tenant.
      for (const status of statuses) {
        await deleteRows(days, { tenant, status }, span, () => undefined);
      }
    }
    done.set(tenant, { chosen, below, runs: before.runs + 1 });
  }

  /** An hour at a time, so that other clients of the database do not wait. */
  async function removeContent(tenant: string, start: number): Promise<void> {
    for (let from = start; from < start + 24 * hour; from += hour) {
      const _id = { $gte: lowestRowId(from), $lt: lowestRowId(from + hour) };
      for (const status of finalStatuses) {
        const rows = { tenant, status, _id, details: { $exists: true } };
        await days.at(start).updateMany(rows, withoutContent);
      }
    }
  }

  /**
   * Shows the row that is closest to its limit, or furthest past it. Of a tenant that has chosen, the age is
   * shifted by the difference to the usual time: so one limit holds for all, and processes can be compared.
   */
  async function show(chosen: readonly string[]): Promise<void> {
    const now = clock.now();
    const others: Rows = chosen.length === 0 ? {} : { tenant: { $nin: [...chosen] } };
    const oldest = [await oldestAcceptance(days, others, now)];
    for (const tenant of chosen) {
      const ofTenant = await oldestAcceptance(days, { tenant }, now);
      if (ofTenant !== undefined) oldest.push(ofTenant + retentions.of(tenant) - usual);
    }
    const known = oldest.filter((at) => at !== undefined);
    gauges.update(known.length === 0 ? undefined : Math.min(...known));
  }

  return async () => {
    await retentions.refresh();
    const chosen = retentions.chosen();
    const tenants = [...chosen.keys()];
    await removeUsual(clock.now() - usual, tenants);
    for (const [tenant, ofTenant] of chosen) await removeChosen(tenant, ofTenant);
    await show(tenants);
  };
}

/** Acceptance time of the oldest of these rows; `undefined` if there is none. */
async function oldestAcceptance(
  days: DayCollections,
  rows: Rows,
  until: number,
): Promise<number | undefined> {
  for (const name of await days.days()) {
    const day = wholeDay(name);
    for (const bucket of bucketsOn(day.from, Math.min(day.below, until))) {
      const [oldest] = await days
        .at(day.from)
        .find(
          { ...rows, _id: { $gte: lowestRowId(bucket.from), $lt: lowestRowId(bucket.below) } },
          { projection: { _id: 1 } },
        )
        .sort({ _id: 1 })
        .limit(1)
        .toArray();
      if (oldest !== undefined) return acceptedAtOf(oldest._id);
    }
  }
  return undefined;
}
