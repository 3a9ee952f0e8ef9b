import type { SomeCanaries } from '@mysmtp/contracts';
import type { Purge } from '@mysmtp/erasure';
import { isDuplicateKey } from '@mysmtp/service';
import type { Model } from 'mongoose';
import type { ExportDocument, Exports } from '../exports/exports.ts';
import type { OrderModels } from './model.ts';

interface Stores {
  readonly models: OrderModels & { readonly exports: Model<ExportDocument> };
  readonly exports: Pick<Exports, 'purge'>;
}

const planted = ({ letter }: SomeCanaries) => ({ $in: letter === undefined ? [] : [letter] });

/** How the stores of requests of persons are purged with a tenant, and with a person. */
export function personDataPurges({ models, exports }: Stores): {
  readonly tenant: Record<string, Purge<'tenant'>>;
  readonly person: Record<string, Purge<'person'>>;
} {
  const { orders, parts } = models;
  return {
    tenant: {
      'privacy.orders': async ({ tenant }, count) =>
        count((await orders.deleteMany({ tenant })).deletedCount),
      'privacy.orderParts': async ({ tenant }, count) =>
        count((await parts.deleteMany({ tenant })).deletedCount),
      'privacy.exports': async ({ tenant }, count) => count(await exports.purge({ tenant })),
    },
    // What was planted is about another person, and is deleted by its id.
    person: {
      async 'privacy.orders'({ tenant, person }, count, canaries) {
        await orders.deleteMany({ _id: planted(canaries) });
        await count((await orders.deleteMany({ tenant, person })).deletedCount);
      },
      async 'privacy.orderParts'({ tenant, person }, count, canaries) {
        await parts.deleteMany({ order: planted(canaries) });
        await count((await parts.deleteMany({ tenant, person })).deletedCount);
      },
      async 'privacy.exports'({ tenant, person }, count, canaries) {
        await models.exports.deleteMany({ request: planted(canaries) });
        await count(await exports.purge({ tenant, person }));
      },
    },
  };
}

/** Plants a record about `person` in each store, under the id of the planted dead letter. */
export async function plantPersonData(
  { orders, parts, exports }: Stores['models'],
  of: { readonly tenant: string; readonly person: string; readonly letter: string },
  now: number,
): Promise<void> {
  const { tenant, person, letter } = of;
  const at = new Date(now);
  const writes = [
    orders.create({
      _id: letter,
      kind: 'canary',
      do: 'mark',
      tenant,
      person,
      commitment: 'canary',
      givenAt: at,
      completedAt: at,
    }),
    parts.create({
      _id: letter,
      order: letter,
      tenant,
      person,
      service: 'privacy',
      run: letter,
      number: 0,
      enc: '-',
      sealed: '-',
      at,
    }),
    exports.create({
      _id: letter,
      request: letter,
      tenant,
      person,
      number: 0,
      chunks: 1,
      content: Buffer.from('canary'),
      createdAt: at,
    }),
  ];
  for (const one of await Promise.allSettled(writes)) {
    if (one.status === 'rejected' && !isDuplicateKey(one.reason)) throw one.reason;
  }
}
