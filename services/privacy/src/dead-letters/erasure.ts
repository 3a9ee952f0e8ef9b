import type { Purge } from '@mysmtp/erasure';
import type { Model } from 'mongoose';
import type { Publisher } from '@mysmtp/broker';
import { routingKeys, type Canaries, type FenceOf } from '@mysmtp/contracts';
import { tenantsIn, without } from './contents.ts';
import { type DeadLetterDocument, toDeadLetter } from './dead-letter.ts';

/** Publishes a dead letter as a canary. It takes the same path as every other dead letter. */
export async function plantDeadLetter(
  { erasure, tenant }: FenceOf<'tenant'>,
  publisher: Publisher,
): Promise<Partial<Canaries>> {
  const key = routingKeys.deadCanary;
  const content = Buffer.from(JSON.stringify({ v: 1, erasure, tenant }));
  await publisher.publish({ key, content, mandatory: true });
  const { _id: letter } = toDeadLetter(
    { content, routingKey: key, headers: {}, redelivered: false },
    0,
  );
  return { letter };
}

/**
 * Removes the data of the tenant from every dead letter, and deletes a letter if nothing is left. The
 * update applies only to the letter as it was read. The reason: the purge of another tenant may change
 * the same letter, and what it removed must not come back. If the letter has changed, it is read again.
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
