import type { DataHolder } from '../services.ts';
import { day, hour } from '../time.ts';
import type { Collection } from './shape.ts';

/** How much of a store an erasure has found and removed so far, so that a crash does not lose count. */
export function purgesOf(service: DataHolder): Collection {
  return {
    id: `${service}.purges`,
    service,
    collection: 'purges',
    purpose: 'How much an erasure has found and removed here so far: what its receipts say.',
    basis: 'none needed',
    retention: '30 days.',
    limit: 30 * day + hour,
    erasure: 'Nothing of a tenant is in it but a count.',
    subject: null,
    fields: {
      _id: 'id',
      matched: 'plain',
      count: 'plain',
      at: 'plain',
    },
  };
}
