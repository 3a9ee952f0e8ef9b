import type { Purge } from '@mysmtp/erasure';
import type { Projection } from '@mysmtp/projection';
import type { mongo } from 'mongoose';
import type { DeferredModel } from './deferred/document.ts';
import type { DkimKeyModel } from './signing/dkim-key.ts';
import type { SuppressionModel } from './suppressions/store.ts';

/** Documents per batch: few enough not to slow down other clients of the database. */
const batch = 300;

interface Owned {
  _id: string;
  tenant: string;
}

/** The purge of a tenant for each store (registry of personal data). */
export function purgesOf(stores: {
  deferred: DeferredModel;
  dkimKeys: DkimKeyModel;
  suppressions: SuppressionModel;
  projection: Projection;
}): Record<string, Purge<'tenant'>> {
  return {
    'delivery.deferred': byTenant(stores.deferred),
    'delivery.dkimKeys': byTenant(stores.dkimKeys),
    'delivery.suppressions': byTenant(stores.suppressions),
    'delivery.identityProjection': async ({ tenant }, count) =>
      count(await stores.projection.forget(tenant)),
  };
}

function byTenant(model: DeferredModel | DkimKeyModel | SuppressionModel): Purge<'tenant'> {
  const collection = model.collection as unknown as mongo.Collection<Owned>;
  return async ({ tenant }, count) => {
    for (;;) {
      const some = collection.find({ tenant }, { projection: { _id: 1 } }).limit(batch);
      const ids = (await some.toArray()).map(({ _id }) => _id);
      if (ids.length === 0) return;
      const { deletedCount } = await collection.deleteMany({ _id: { $in: ids } });
      await count(deletedCount);
    }
  };
}
