import type { Purge } from '@mysmtp/erasure';
import type { Model } from 'mongoose';
import { tenantsIn, without } from './contents.ts';
import type { DeadLetterDocument } from './dead-letter.ts';

/**
 * Takes what is about the tenant out of every dead letter, and the letter away where nothing is left.
 * Only as it was read: the purge of another tenant may be at the same letter, and what that one took
 * out must not come back. Who comes too late reads it again.
 */
export function deadLetterPurge(deadLetters: Model<DeadLetterDocument>): Purge<'tenant'> {
  return async ({ tenant }, count) => {
    for (;;) {
      const letter = await deadLetters.findOne({ tenants: tenant });
      if (letter === null) return;
      const asRead = { _id: letter._id, tenants: { $eq: letter.tenants } };
      const content = without(letter.content, tenant);
      const removed =
        content === undefined
          ? (await deadLetters.deleteOne(asRead)).deletedCount
          : (await deadLetters.updateOne(asRead, { content, tenants: tenantsIn(content) }))
              .modifiedCount;
      if (removed > 0) await count(removed);
    }
  };
}
