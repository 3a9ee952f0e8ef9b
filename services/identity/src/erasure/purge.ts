import { CodedError, type IdentityEntity } from '@mysmtp/contracts';
import type { Purge } from '@mysmtp/erasure';
import type { mongo } from 'mongoose';
import { isActive, type AnyEntity, type Versioned } from '../entities/entity.ts';
import type { Stores } from '../stores.ts';

type PurgeDeps = Pick<
  Stores,
  | 'entities'
  | 'writer'
  | 'outbox'
  | 'checkCollection'
  | 'accessCollections'
  | 'notices'
  | 'accounts'
  | 'suspensions'
>;

const batchSize = 100;

/** Deletes the tenant last, because the other records refer to it. */
export function purges(deps: PurgeDeps): Record<string, Purge<'tenant'>> {
  const { accesses, accessLog } = deps.accessCollections;
  return {
    'identity.suspensions': async ({ tenant }, count) =>
      count(await deps.suspensions.purge(tenant)),
    'identity.notices': async ({ tenant }, count) => count(await deps.notices.purge(tenant)),
    'identity.sessions': async ({ tenant }, count) =>
      count(await deps.accounts.sessions.purge(tenant)),
    'identity.challenges': async ({ tenant }, count) =>
      count(await deps.accounts.challenges.purge(tenant)),
    'identity.signInProviders': async ({ tenant }, count) =>
      count(await deps.accounts.providers.purge(tenant)),
    'identity.people': async ({ tenant }, count) => count(await deps.accounts.people.purge(tenant)),
    'identity.tokens': purgeOf('token', deps),
    'identity.credentials': purgeOf('credential', deps),
    'identity.domains': purgeOf('domain', deps),
    'identity.domainChecks': purgeChecks(deps),
    'identity.accesses': async ({ tenant }, count) =>
      count((await accesses.deleteMany({ tenant })).deletedCount),
    'identity.accessLog': async ({ tenant }, count) =>
      count((await accessLog.deleteMany({ tenant })).deletedCount),
    'identity.tenants': purgeOf('tenant', deps),
  };
}

/**
 * Replaces all active entities by tombstones and deletes reservations. Completes once the tombstones are
 * published: until then the other services keep their copies.
 */
function purgeOf(name: IdentityEntity, { entities, writer, outbox }: PurgeDeps): Purge<'tenant'> {
  const entity = entities.find((one) => one.name === name);
  if (entity === undefined) throw new CodedError('internal_fault', `Unknown entity: ${name}`);
  return async ({ tenant }, count) => {
    const own = ownedBy(entity, tenant);
    const reservations = await entity.collection.deleteMany({ ...own, version: 0 });
    await count(reservations.deletedCount);
    for (;;) {
      const batch = await entity.collection
        .find({ ...own, ...isActive })
        .limit(batchSize)
        .toArray();
      if (batch.length === 0) break;
      const deleted = await Promise.all(batch.map(({ _id }) => writer.deleteEntity(entity, _id)));
      await count(deleted.filter(Boolean).length);
    }
    if (!(await outbox.publishTombstones(entity))) {
      throw new CodedError('tombstones_not_published', 'Some tombstones could not be published');
    }
  };
}

function purgeChecks({ checkCollection }: PurgeDeps): Purge<'tenant'> {
  return async ({ tenant }, count) => {
    for (;;) {
      const some = checkCollection.find({ tenant }, { projection: { _id: 1 } }).limit(batchSize);
      const ids = (await some.toArray()).map(({ _id }) => _id);
      if (ids.length === 0) return;
      const { deletedCount } = await checkCollection.deleteMany({ _id: { $in: ids } });
      await count(deletedCount);
    }
  };
}

function ownedBy(entity: AnyEntity, tenant: string): mongo.Filter<Versioned> {
  return entity.name === 'tenant' ? { _id: tenant } : { tenant };
}
