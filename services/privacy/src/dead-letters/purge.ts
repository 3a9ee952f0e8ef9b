import type { Purge } from '@mysmtp/erasure';
import type { Model } from 'mongoose';
import { tenantsIn, without } from './contents.ts';
import type { DeadLetterDocument } from './dead-letter.ts';

/** Takes what is about the tenant out of every dead letter, and the letter away where nothing is left. */
export function deadLetterPurge(deadLetters: Model<DeadLetterDocument>): Purge {
  return async ({ tenant }, count) => {
    for await (const letter of deadLetters.find({ tenants: tenant })) {
      const content = without(letter.content, tenant);
      if (content === undefined) await letter.deleteOne();
      else await letter.updateOne({ content, tenants: tenantsIn(content) });
      await count(1);
    }
  };
}
