import type { IdentityEntity } from '@mysmtp/contracts';
import { Counter, Gauge, type Registry } from 'prom-client';

export interface ProjectionMetrics {
  readonly changes: Counter<'entity' | 'source'>;
  readonly snapshotFailures: Counter;
}

export function createMetrics(
  registry: Registry,
  entities: readonly IdentityEntity[],
  read: { isReady(): boolean; count(entity: IdentityEntity): number },
): ProjectionMetrics {
  const ready = new Gauge({
    name: 'mysmtp_projection_ready',
    help: '1 once a complete snapshot of identity was applied.',
    registers: [],
    collect() {
      this.set(read.isReady() ? 1 : 0);
    },
  });
  const active = new Gauge({
    name: 'mysmtp_projection_entities',
    help: 'Active entities in the projection of identity.',
    labelNames: ['entity'],
    registers: [],
    collect() {
      for (const entity of entities) this.set({ entity }, read.count(entity));
    },
  });
  const changes = new Counter({
    name: 'mysmtp_projection_changes_total',
    help: 'Changes of identity that were applied, by source.',
    labelNames: ['entity', 'source'],
    registers: [],
  });
  const snapshotFailures = new Counter({
    name: 'mysmtp_projection_snapshot_failures_total',
    help: 'Snapshots of identity that could not be completed and were tried again.',
    registers: [],
  });
  for (const metric of [ready, active, changes, snapshotFailures]) registry.registerMetric(metric);
  return { changes, snapshotFailures };
}
