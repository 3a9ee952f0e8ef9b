import type { Use } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { AnyEntity } from './entity.ts';
import { isActive } from './entity.ts';

/**
 * Writes when keys and credentials were last used. Without a new version, because no other service gets it. Uses for
 * a fenced tenant are dropped.
 */
export async function recordUses(
  uses: readonly Use[],
  {
    entities,
    access,
    clock,
  }: {
    readonly entities: readonly AnyEntity[];
    readonly access: Pick<Tenants, 'fencedBy' | 'writeAll'>;
    readonly clock: { now(): number };
  },
): Promise<void> {
  for (const entity of entities) {
    const times = new Map(
      uses.filter(({ kind }) => kind === entity.name).map((use) => [use.id, use.at]),
    );
    if (times.size === 0) continue;
    const found = await entity.collection
      .find({ _id: { $in: [...times.keys()] }, ...isActive })
      .toArray();
    const owners = found.map((document) => ({
      id: document._id,
      tenant: entity.tenantOf(document),
    }));
    const open = owners.filter(
      ({ tenant }) => tenant === null || access.fencedBy(tenant) === undefined,
    );
    if (open.length === 0) continue;
    const now = clock.now();
    const writes = open.map(({ id }) => ({
      updateOne: {
        filter: { _id: id, ...isActive },
        // The clock of the other service may be ahead.
        update: { $max: { lastUsedAt: Math.min(times.get(id) ?? 0, now) } },
      },
    }));
    await access.writeAll(new Set(open.flatMap(({ tenant }) => tenant ?? [])), () =>
      entity.collection.bulkWrite(writes, { ordered: false }),
    );
  }
}
