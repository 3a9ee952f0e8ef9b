import { CodedError, type IdentityEntity } from '@mysmtp/contracts';
import type { Purge } from '@mysmtp/erasure';
import type { mongo } from 'mongoose';
import { living, type AnyEntity, type Versioned } from '../entities/entity.ts';
import type { Nouns } from '../nouns.ts';

type Means = Pick<Nouns, 'entities' | 'writer' | 'outbox'>;

const batchSize = 100;

/** The tenant last: as long as anything of it is left there is something that it was of. */
export function purges(means: Means): Record<string, Purge<'tenant'>> {
  return {
    'identity.tokens': purgeOf('token', means),
    'identity.credentials': purgeOf('credential', means),
    'identity.domains': purgeOf('domain', means),
    'identity.tenants': purgeOf('tenant', means),
  };
}

/**
 * Leaves tombstones of everything that lives and nothing of what was only claimed. It is done once
 * the others have been told: until then their copies live on.
 */
function purgeOf(name: IdentityEntity, { entities, writer, outbox }: Means): Purge<'tenant'> {
  const entity = entities.find((one) => one.name === name);
  if (entity === undefined) throw new CodedError('internal_fault', `There is no ${name}`);
  return async ({ tenant }, count) => {
    const own = ownedBy(entity, tenant);
    const claims = await entity.collection.deleteMany({ ...own, version: 0 });
    await count(claims.deletedCount);
    for (;;) {
      const batch = await entity.collection
        .find({ ...own, ...living })
        .limit(batchSize)
        .toArray();
      if (batch.length === 0) break;
      const buried = await Promise.all(batch.map(({ _id }) => writer.bury(entity, _id)));
      await count(buried.filter(Boolean).length);
    }
    if (!(await outbox.tellTombstones(entity))) {
      throw new CodedError('tombstones_not_told', 'The others could not be told');
    }
  };
}

function ownedBy(entity: AnyEntity, tenant: string): mongo.Filter<Versioned> {
  return entity.name === 'tenant' ? { _id: tenant } : { tenant };
}
