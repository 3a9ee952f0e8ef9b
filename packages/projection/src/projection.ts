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
  /**
   * True once a complete snapshot was applied, now or before a restart. Until then no unknown id may be
   * refused.
   */
  isReady(): boolean;
  /**
   * Erases a tenant and all its entities, in memory and in the database. Tombstones stay, which no older
   * snapshot or event can replace. Returns how many there are.
   */
  forget(tenant: string): Promise<number>;
  close(): Promise<void>;
}

/**
 * The local copy of identity's entities. The service's own database has the last known state. Then the
 * control queue is bound *before* the snapshot is taken, so that no change is missed. Events are applied
 * by version; a snapshot also corrects entities for which no event came. Memory is ahead of the database:
 * a revocation takes effect when it arrives.
 */
export async function openProjection(options: ProjectionOptions): Promise<Projection> {
  const { entities, log } = options;
  const entries = createEntries(entities);
  if (options.onChange !== undefined) entries.onChange(options.onChange);
  const store = createStore(options.collection, entities, log);
  const saved = await store.load();
  let ready = saved.ready;
  for (const change of saved.changes) entries.apply(change);

  const isReady = () => ready;
  const metrics = createMetrics(options.metrics, entities, { isReady, count: entries.count });

  /** Entities of the current snapshot, and entities that changed by event during it. */
  let inSnapshot = new Set<string>();
  let byEvent = new Set<string>();
  let unreadable = 0;

  function onEvent(change: IdentityChange): void {
    byEvent.add(nameOf(change));
    if (!entries.apply(change)) return;
    store.put(change);
    metrics.changes.inc({ entity: change.entity, source: 'event' });
  }

  function onSnapshotChange(change: IdentityChange): void {
    const name = nameOf(change);
    inSnapshot.add(name);
    // An event during the snapshot may be newer. All other state in the snapshot is newer than the local
    // one.
    if (byEvent.has(name) ? !entries.apply(change) : !entries.settle(change)) return;
    store.settle(change);
    metrics.changes.inc({ entity: change.entity, source: 'snapshot' });
  }

  /**
   * An entity that only a newer release can read is hidden in this process. The database keeps it for the
   * others.
   */
  function onUnreadable({ entity, id }: { readonly entity: string; readonly id: string }): void {
    const name = `${entity}:${id}`;
    inSnapshot.add(name);
    unreadable += 1;
    // An event during the snapshot may be newer.
    if (!byEvent.has(name)) entries.hide(entity, id);
  }

  function forgetUnknown(): void {
    const removed = entries.retain((change) => {
      const name = nameOf(change);
      return inSnapshot.has(name) || byEvent.has(name);
    });
    for (const change of removed) store.remove(change);
    if (removed.length > 0) log.error('projection.unknown_to_identity', { count: removed.length });
  }

  const snapshots = createSnapshotTaker({
    entities,
    client: options.client,
    log,
    onBegin() {
      inSnapshot = new Set();
      byEvent = new Set();
      unreadable = 0;
    },
    apply: onSnapshotChange,
    onUnreadable,
    onComplete: () => {
      forgetUnknown();
      if (unreadable > 0) log.warn('projection.unreadable', { count: unreadable });
      ready = true;
      store.markReady(options.clock.now());
    },
    onFailure: () => metrics.snapshotFailures.inc(),
  });

  const endSubscription = options.control.subscribe({
    bindings: broadcasts.changes(entities),
    onBound: () => snapshots.request(),
    async handle({ content, routingKey }) {
      const verified = await options.signed.verify('identityChange', content);
      if ('payload' in verified) return onEvent(verified.payload);
      if (verified.refused !== 'unreadable') return;
      // Identity has a newer release. The snapshot may contain the change in a readable form.
      log.error('projection.unreadable_change', { routingKey });
      snapshots.request();
    },
  });

  return {
    isReady,
    get: entries.get,
    all: entries.all,
    isRemoved: entries.isRemoved,
    onChange: entries.onChange,
    async forget(tenant) {
      const tombstones = await store.deleteTenant(tenant, entries.deleteTenant(tenant));
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
