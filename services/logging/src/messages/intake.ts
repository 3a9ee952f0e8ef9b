import type { MessageEvent } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { createBackoff, pause } from '@mysmtp/retry';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import type { DayCollections } from './day-collections.ts';
import { createCountDrops, type CountDropped, type Dropped } from './drops.ts';
import type { IgnoredBecause, IntakeMetrics } from './intake-metrics.ts';
import { createKnownRows } from './known-rows.ts';
import { createPendingRows, type Pending } from './pending-rows.ts';
import { acceptedAtOf, rowIdOf } from './row-id.ts';
import { rowOf, type Row } from './row.ts';
import { writeRows } from './write-rows.ts';

export interface IntakeSettings {
  readonly days: DayCollections;
  /** Rows that were accepted longer ago are not written any more: retention has dropped their like. */
  readonly retention: number;
  /** How many unsettled calls of `add` there can be; half of them make waiting rows due. */
  readonly window: number;
  /**
   * What comes for a fenced tenant is dropped and counted at once, and so is what waits here when its
   * fence falls: that is not acknowledged before.
   */
  readonly tenants: Pick<Tenants, 'writeAll' | 'fencedBy' | 'onFence'>;
  readonly countDropped: CountDropped;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: IntakeMetrics;
}

export interface Intake {
  /**
   * Resolves with true once each of these states is durable, or dropped and counted, or known to be
   * worth no write; with false when that was given up, because the database is away and we are stopping.
   */
  add(events: readonly MessageEvent[]): Promise<boolean>;
  /** From now on nothing waits for a newer state, and a failed write is given up. */
  finish(): void;
}

/** Rows in one write. Larger ones gain nothing and hold up other clients of the database. */
const rowsPerWrite = 2_000;
/** How long rows are gathered before a write. */
const gathering = { usual: 200, pressed: 10 } as const;
/** Rows in memory from which on the oldest are written, whatever they wait for. */
const rowsInMemory = 20_000;
const delays = { first: 100, longest: 5_000 } as const;

/** Gathers events of many broker messages and writes the newest state of each row in bulk. */
export function openIntake(settings: IntakeSettings): Intake {
  const { days, tenants, clock, log, metrics } = settings;
  const known = createKnownRows(50_000);
  const rows = createPendingRows();
  const open = new Set<(durable: boolean) => void>();
  const stopping = new AbortController();
  const countDrops = createCountDrops({ ...settings, stopping: stopping.signal });
  let writing = false;

  function isPressed(): boolean {
    return open.size >= settings.window / 2 || rows.size >= rowsInMemory;
  }

  function add(events: readonly MessageEvent[]): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (durable: boolean) => {
        open.delete(settle);
        resolve(durable);
      };
      open.add(settle);
      // One more than its rows, so that it cannot settle before all of them are in.
      let left = 1;
      const done = () => {
        left -= 1;
        if (left === 0) settle(true);
      };
      const now = clock.now();
      const dropped: Dropped[] = [];
      for (const event of events) {
        const erasure = tenants.fencedBy(event.tenant);
        if (erasure !== undefined) {
          dropped.push({ erasure, ticket: { done } });
          left += 1;
          continue;
        }
        const because = reasonToIgnore(event, now);
        if (because !== undefined) metrics.ignored(because, 1);
        else if (rows.add(event, { done }, now)) left += 1;
        else metrics.ignored('duplicate', 1);
      }
      void drop(dropped);
      done();
      if (!writing && rows.size > 0) void write();
    });
  }

  async function drop(dropped: readonly Dropped[]): Promise<void> {
    if (!(await countDrops(dropped))) giveUp();
  }

  // A row that is only accepted may wait here for longer than a marker does.
  tenants.onFence(({ erasure, tenant }) =>
    drop(rows.takeOf(tenant).map(({ ticket }) => ({ erasure, ticket }))),
  );

  function reasonToIgnore(event: MessageEvent, now: number): IgnoredBecause | undefined {
    if (acceptedAtOf(event.id) < now - settings.retention) return 'expired';
    const revision = known.revisionOf(rowIdOf(event.id, event.n));
    return revision !== undefined && revision >= event.rev ? 'duplicate' : undefined;
  }

  async function write(): Promise<void> {
    writing = true;
    const backoff = createBackoff(delays);
    let failing = false;
    let more = false;
    while (rows.size > 0) {
      // What a newer state may still come for gets a moment, unless there is enough to do.
      if (!more) await pause(isPressed() ? gathering.pressed : gathering.usual, stopping.signal);
      const all = stopping.signal.aborted || isPressed();
      const batch = rows.take({ now: clock.now(), all }, rowsPerWrite);
      more = batch.size === rowsPerWrite;
      if (batch.size === 0) continue;
      try {
        await writeBatch(batch);
        if (failing) log.info('messages.write_recovered');
        failing = false;
        backoff.reset();
      } catch (error) {
        log.warn('messages.write_failed', { error, count: batch.size });
        metrics.writeFailed();
        putBack(batch);
        if (stopping.signal.aborted) break;
        failing = true;
        await backoff.wait(stopping.signal);
      }
    }
    writing = false;
    if (rows.size > 0) giveUp();
  }

  async function writeBatch(batch: Map<string, Pending>): Promise<void> {
    const started = performance.now();
    const written = new Set<string>();
    const fresh: Row[] = [];
    const inserted: Row[] = [];
    // No fence has fallen since they were taken out: it is all one turn up to `writeAll`.
    for (const [id, { event }] of batch) {
      written.add(event.tenant);
      (known.revisionOf(id) === undefined ? fresh : inserted).push(rowOf(event));
    }
    const { ignored } = await tenants.writeAll(written, () => writeRows(days, { fresh, inserted }));
    const milliseconds = performance.now() - started;
    metrics.ignored('duplicate', ignored);
    metrics.written(batch, { ignored, milliseconds, now: clock.now() });
    for (const [id, { event, ticket }] of batch) {
      known.remember(id, event.rev);
      ticket.done();
    }
  }

  /** But for those of a tenant that was fenced while they were being written. */
  function putBack(batch: Map<string, Pending>): void {
    const dropped: Dropped[] = [];
    for (const [id, { event, ticket }] of batch) {
      const erasure = tenants.fencedBy(event.tenant);
      if (erasure === undefined) continue;
      batch.delete(id);
      dropped.push({ erasure, ticket });
    }
    rows.putBack(batch);
    void drop(dropped);
  }

  function giveUp(): void {
    for (const settle of open) settle(false);
  }

  return { add, finish: () => stopping.abort() };
}
