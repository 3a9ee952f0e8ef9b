import type { DataHolder } from '../services.ts';
import { day, hour } from '../time.ts';
import type { Collection } from './shape.ts';

/**
 * How many records of a store an erasure has found and removed so far. Stored, so that a crash does not
 * lose them.
 */
export function deletionCountsOf(service: DataHolder): Collection {
  return {
    id: `${service}.deletionCounts`,
    service,
    collection: 'deletionCounts',
    purpose: 'How many records an erasure has found and removed here so far, for its receipts.',
    basis: 'none needed',
    retention: '30 days.',
    limit: 30 * day + hour,
    erasure: 'Contains only counts, no data of a tenant.',
    subject: null,
    fields: {
      _id: 'id',
      matched: 'plain',
      count: 'plain',
      at: 'plain',
    },
  };
}
