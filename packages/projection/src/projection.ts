import { openBroadcastListener, type BrokerSettings } from '@mysmtp/broker';
import { broadcasts, IdentityChange, type IdentityEntity } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
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
  readonly broker: BrokerSettings;
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
 * What a service knows of identity. Its own database gives what it knew before; then its queue is
 * bound *first* and the snapshot taken *after*, so that nothing falls between them; both are
 * applied by version. Memory is ahead of the database: a revocation is in force when it arrives.
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

  function learn(change: IdentityChange, source: 'event' | 'snapshot'): void {
    if (!entries.apply(change)) return;
    store.put(change);
    metrics.changes.inc({ entity: change.entity, source });
  }

  const snapshots = createSnapshotTaker({
    entities,
    client: options.client,
    log,
    apply: (change) => learn(change, 'snapshot'),
    onComplete: () => {
      whole = true;
      store.markWhole(options.clock.now());
    },
    onFailure: () => metrics.snapshotFailures.inc(),
  });

  const listener = await openBroadcastListener({
    ...options.broker,
    bindings: broadcasts.changes(entities),
    onBound: () => snapshots.want(),
    handle({ content, routingKey }) {
      const change = IdentityChange.safeParse(JSON.parse(content.toString('utf8')));
      if (change.success) return learn(change.data, 'event');
      // Its sender is newer than we are, or wrong; what it meant may be in the snapshot in a form that we know.
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
      await listener.close();
      await snapshots.close();
      await store.close();
    },
  };
}
