import type { Control } from '@mysmtp/broker';
import { broadcasts, type IdentityChange, type IdentityEntity } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Signed } from '@mysmtp/signed';
import type { Collection } from 'mongoose';
import type { Registry } from 'prom-client';
import { createEntries, type ChangeListener, type Entries } from './entries.ts';
import { createMetrics } from './metrics.ts';
import { createSnapshotTaker } from './snapshot.ts';
import { createStore } from './store.ts';

export interface ProjectionOptions {
  readonly entities: readonly IdentityEntity[];
  /** A collection of the service's own database, for this projection alone. */
  readonly collection: Collection;
  /** Calls identity. */
  readonly client: ServiceClient;
  readonly control: Control;
  readonly signed: Signed;
  readonly log: Logger;
  readonly clock: { now(): number };
  readonly metrics: Registry;
  readonly onChange?: ChangeListener;
}

export interface Projection extends Pick<Entries, 'get' | 'all' | 'isRemoved' | 'onChange'> {
  /** True once a complete snapshot was applied, now or before a restart. Until then nothing can be refused for being unknown. */
  isWhole(): boolean;
  /**
   * Erases a tenant and all that is its own, in memory and in the database: tombstones stay, which
   * no older snapshot or event can replace. Returns how many there were.
   */
  forget(tenant: string): Promise<number>;
  close(): Promise<void>;
}

/**
 * What a service knows of identity. Its own database gives what it knew before; then the control queue is
 * bound *first* and the snapshot taken *after*, so that nothing falls between them. Changes that are told
 * are applied by version; a snapshot also corrects what identity never said. Memory is ahead of the
 * database: a revocation is in force when it arrives.
 */
export async function openProjection(options: ProjectionOptions): Promise<Projection> {
  const { entities, log } = options;
  const entries = createEntries(entities);
  if (options.onChange !== undefined) entries.onChange(options.onChange);
  const store = createStore(options.collection, entities, log);
  const saved = await store.load();
  let whole = saved.whole;
  for (const change of saved.changes) entries.apply(change);

  const isWhole = () => whole;
  const metrics = createMetrics(options.metrics, entities, { isWhole, count: entries.count });

  /** What this snapshot has brought, and what was told while it was taken. */
  let brought = new Set<string>();
  let told = new Set<string>();
  let unreadable = 0;

  function onTold(change: IdentityChange): void {
    told.add(nameOf(change));
    if (!entries.apply(change)) return;
    store.put(change);
    metrics.changes.inc({ entity: change.entity, source: 'event' });
  }

  function onBrought(change: IdentityChange): void {
    const name = nameOf(change);
    brought.add(name);
    // What was told meanwhile may be newer; all else identity knows better.
    if (told.has(name) ? !entries.apply(change) : !entries.settle(change)) return;
    store.settle(change);
    metrics.changes.inc({ entity: change.entity, source: 'snapshot' });
  }

  /** What only a newer release can read is not there for this one. The database keeps it for the others. */
  function onUnreadable({ entity, id }: { readonly entity: string; readonly id: string }): void {
    const name = `${entity}:${id}`;
    brought.add(name);
    unreadable += 1;
    // What was told meanwhile may be newer.
    if (!told.has(name)) entries.hide(entity, id);
  }

  function forgetUnknown(): void {
    const gone = entries.retain((change) => {
      const name = nameOf(change);
      return brought.has(name) || told.has(name);
    });
    for (const change of gone) store.remove(change);
    if (gone.length > 0) log.error('projection.unknown_to_identity', { count: gone.length });
  }

  const snapshots = createSnapshotTaker({
    entities,
    client: options.client,
    log,
    onBegin() {
      brought = new Set();
      told = new Set();
      unreadable = 0;
    },
    apply: onBrought,
    onUnreadable,
    onComplete: () => {
      forgetUnknown();
      if (unreadable > 0) log.warn('projection.unreadable', { count: unreadable });
      whole = true;
      store.markWhole(options.clock.now());
    },
    onFailure: () => metrics.snapshotFailures.inc(),
  });

  const endSubscription = options.control.subscribe({
    bindings: broadcasts.changes(entities),
    onBound: () => snapshots.want(),
    async handle({ content, routingKey }) {
      const heard = await options.signed.hear('identityChange', content);
      if ('said' in heard) return onTold(heard.said);
      if (heard.refused !== 'unreadable') return;
      // Identity is newer than we are; what it meant may be in the snapshot in a form that we know.
      log.error('projection.unreadable_change', { routingKey });
      snapshots.want();
    },
  });

  return {
    isWhole,
    get: entries.get,
    all: entries.all,
    isRemoved: entries.isRemoved,
    onChange: entries.onChange,
    async forget(tenant) {
      const tombstones = await store.bury(tenant, entries.bury(tenant));
      for (const tombstone of tombstones) entries.apply(tombstone);
      return tombstones.length;
    },
    async close() {
      await endSubscription();
      await snapshots.close();
      await store.close();
    },
  };
}

const nameOf = ({ entity, id }: IdentityChange): string => `${entity}:${id}`;
