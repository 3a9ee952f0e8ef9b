import type { Purge } from '@mysmtp/erasure';
import type { Projection } from '@mysmtp/projection';
import type { mongo } from 'mongoose';
import type { ShelfModel } from './shelf/document.ts';
import type { DkimKeyModel } from './signing/dkim-key.ts';

/** So few at once that other clients of the database hardly notice. */
const batch = 300;

interface Owned {
  _id: string;
  tenant: string;
}

/** How to erase a tenant, store by store (registry of personal data). */
export function purgesOf(stores: {
  shelf: ShelfModel;
  dkimKeys: DkimKeyModel;
  projection: Projection;
}): Record<string, Purge<'tenant'>> {
  return {
    'delivery.shelf': byTenant(stores.shelf),
    'delivery.dkimKeys': byTenant(stores.dkimKeys),
    'delivery.identity': async ({ tenant }, count) => count(await stores.projection.forget(tenant)),
  };
}

function byTenant(model: ShelfModel | DkimKeyModel): Purge<'tenant'> {
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
