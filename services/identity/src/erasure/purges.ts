import type { Purge } from '@mysmtp/erasure';
import type { IdentityEntity } from '@mysmtp/contracts';
import type { AnyEntity } from '../entities/entity.ts';
import type { Nouns } from '../nouns.ts';

const batch = 200;

/**
 * Buries whatever is the tenant's: a tombstone of id and version takes its place here, and the outbox
 * sees to it that it does in every projection. What is only claimed goes without a trace.
 */
export function purgesOf({
  entities,
  writer,
}: Pick<Nouns, 'entities' | 'writer'>): Readonly<Record<string, Purge>> {
  const purgeOf =
    (name: IdentityEntity): Purge =>
    async ({ tenant }, count) => {
      const entity = entities.find((one) => one.name === name);
      if (entity === undefined) throw new Error(`There is no entity ${name}`);
      const own = name === 'tenant' ? { _id: tenant, gone: { $exists: false } } : { tenant };
      for (;;) {
        const found = await entity.collection.find(own, { limit: batch }).toArray();
        for (const { _id, version } of found) {
          if (version === 0) await remove(entity, _id);
          else await writer.bury(entity, _id);
        }
        if (found.length === 0) return;
        await count(found.length);
      }
    };
  return {
    'identity.tokens': purgeOf('token'),
    'identity.credentials': purgeOf('credential'),
    'identity.domains': purgeOf('domain'),
    // Last: what belongs to it belongs to nobody after it.
    'identity.tenants': purgeOf('tenant'),
  };
}

async function remove({ collection }: AnyEntity, id: string): Promise<void> {
  await collection.deleteOne({ _id: id, version: 0 });
}
