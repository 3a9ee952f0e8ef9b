import { isFinal, rowIdOf, type MessageEvent } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { createBackoff, pause } from '@mysmtp/retry';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import type { DayCollections } from './day-collections.ts';
import { createCountDrops, type CountDropped, type Dropped } from './drops.ts';
import type { IgnoredBecause, EventWriterMetrics } from './event-writer-metrics.ts';
import { createPendingRows, type Pending } from './pending-rows.ts';
import type { Retentions } from '../retention/retentions.ts';
import { acceptedAtOf } from './row-id.ts';
import { blankRowOf, rowOf, type Row } from './row.ts';
import { writeRows } from './write-rows.ts';

export interface EventWriterDeps {
  readonly days: DayCollections;
  /**
   * Rows that were accepted longer ago are not written, because retention has removed them. With 0 days a
   * final row has no content.
   */
  readonly retentions: Pick<Retentions, 'of' | 'days'>;
  /** How many calls of `add` may be unsettled. Half of them make waiting rows due. */
  readonly window: number;
  /**
   * Events of a fenced tenant or person are dropped and counted at once. So are waiting rows when the fence
   * arrives; the fence is acknowledged after that.
   */
  readonly tenants: Pick<
    Tenants,
    'writeAll' | 'fencedBy' | 'personFences' | 'onFence' | 'onPersonFence'
  >;
  readonly countDropped: CountDropped;
  /** Rows of these times of acceptance were written. */
  readonly onWritten?: (acceptedAt: readonly number[]) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: EventWriterMetrics;
}

export interface EventWriter {
  /**
   * Resolves with true once each of these states is durable, dropped and counted, or needs no write.
   * Resolves with false if the write was given up because the database is away and the service stops.
   */
  add(events: readonly MessageEvent[]): Promise<boolean>;
  /** From now on no row waits for a newer state, and a failed write is given up. */
  finish(): void;
}

/** Rows in one write. Larger writes are no faster and delay other clients of the database. */
const rowsPerWrite = 2_000;
/** How long rows are collected before a write. Milliseconds. */
const gathering = { usual: 200, pressed: 10 } as const;
/** If more rows are in memory, the oldest are written, no matter what they wait for. */
const rowsInMemory = 20_000;
const delays = { first: 100, longest: 5_000 } as const;

/** Collects events of many broker messages and writes the newest state of each row in bulk. */
export function openEventWriter(deps: EventWriterDeps): EventWriter {
  const { days, tenants, clock, log, metrics } = deps;
  const known = createKnownRows(50_000);
  const rows = createPendingRows();
  const open = new Set<(durable: boolean) => void>();
  const stopping = new AbortController();
  const countDrops = createCountDrops({ ...deps, stopping: stopping.signal });
  let writing = false;
  /** The rows of the write that has not ended. */
  let underWay: ReadonlyMap<string, Pending> | undefined;

  function isPressed(): boolean {
    return open.size >= deps.window / 2 || rows.size >= rowsInMemory;
  }

  function add(events: readonly MessageEvent[]): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (durable: boolean) => {
        open.delete(settle);
        resolve(durable);
      };
      open.add(settle);
      // One more than the number of its rows, so that it cannot settle before all of them are added.
      let left = 1;
      const done = () => {
        left -= 1;
        if (left === 0) settle(true);
      };
      const now = clock.now();
      const dropped: Dropped[] = [];
      for (const event of events) {
        const erasure = fencedBy(event);
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

  // An accepted row may wait here for longer than a marker does.
  tenants.onFence(({ erasure, tenant }) =>
    drop(
      rows.takeIf((event) => event.tenant === tenant).map(({ ticket }) => ({ erasure, ticket })),
    ),
  );
  tenants.onPersonFence(({ erasure }) =>
    drop(
      rows
        .takeIf((event) => fencedBy(event) === erasure)
        .map(({ ticket }) => ({ erasure, ticket })),
    ),
  );

  /** The erasure of its tenant, its sender or its recipient. */
  function fencedBy(event: MessageEvent): string | undefined {
    const { tenant, acceptedAt, recipientIndex, senderIndex } = event;
    return (
      tenants.fencedBy(tenant) ??
      tenants.personFences(tenant)?.of(acceptedAt, recipientIndex, senderIndex)
    );
  }

  function reasonToIgnore(event: MessageEvent, now: number): IgnoredBecause | undefined {
    if (acceptedAtOf(event.id) < now - deps.retentions.of(event.tenant)) return 'expired';
    const id = rowIdOf(event.id, event.n);
    // Until a state is durable, the broker keeps it. So an older state need not wait for it.
    const revision = underWay?.get(id)?.event.rev ?? known.revisionOf(id);
    return revision !== undefined && revision >= event.rev ? 'duplicate' : undefined;
  }

  async function write(): Promise<void> {
    writing = true;
    const backoff = createBackoff(delays);
    let failing = false;
    let more = false;
    while (rows.size > 0) {
      // Rows that may still get a newer state wait a moment, unless there is enough to write.
      if (!more) await pause(isPressed() ? gathering.pressed : gathering.usual, stopping.signal);
      const all = stopping.signal.aborted || isPressed();
      const batch = rows.take({ now: clock.now(), all }, rowsPerWrite);
      more = batch.size === rowsPerWrite;
      if (batch.size === 0) continue;
      underWay = batch;
      try {
        await writeBatch(batch).finally(() => (underWay = undefined));
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
    // No fence can have arrived since the rows were taken: all code up to `writeAll` runs in one turn.
    for (const [id, { event }] of batch) {
      written.add(event.tenant);
      const isBlank = isFinal(event.status) && deps.retentions.days(event.tenant) === 0;
      const row = isBlank ? blankRowOf(event) : rowOf(event);
      (known.revisionOf(id) === undefined ? fresh : inserted).push(row);
    }
    const { ignored } = await tenants.writeAll(written, () => writeRows(days, { fresh, inserted }));
    const milliseconds = performance.now() - started;
    deps.onWritten?.([...batch.keys()].map(acceptedAtOf));
    metrics.ignored('duplicate', ignored);
    metrics.written(batch, { ignored, milliseconds, now: clock.now() });
    for (const [id, { event, ticket }] of batch) {
      known.remember(id, event.rev);
      ticket.done();
    }
  }

  /** Leaves out the rows of a tenant or person that was fenced during the write. */
  function putBack(batch: Map<string, Pending>): void {
    const dropped: Dropped[] = [];
    for (const [id, { event, ticket }] of batch) {
      const erasure = fencedBy(event);
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

/**
 * The newest durable revision of the rows that this process wrote last. The cache only saves work: an
 * update replaces an insert that would fail, and an older state needs no write at all. The database
 * decides about all other rows, so a lost entry is harmless.
 */
interface KnownRows {
  revisionOf(rowId: string): number | undefined;
  remember(rowId: string, revision: number): void;
}

export function createKnownRows(capacity: number): KnownRows {
  // Two generations: the older one is dropped when the younger one is full.
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  return {
    revisionOf: (rowId) => young.get(rowId) ?? old.get(rowId),
    remember(rowId, revision) {
      young.set(rowId, revision);
      if (young.size < capacity / 2) return;
      old = young;
      young = new Map();
    },
  };
}
