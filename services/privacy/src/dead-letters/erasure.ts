import type { Purge } from '@mysmtp/erasure';
import type { Model } from 'mongoose';
import type { Publisher } from '@mysmtp/broker';
import { routingKeys, type SomeCanaries, type Subject } from '@mysmtp/contracts';
import { octetsOf } from '@mysmtp/service';
import { personsIn, tenantsIn, without } from './contents.ts';
import { type DeadLetterDocument, toDeadLetter } from './dead-letter.ts';

/** Publishes a dead letter as a canary. It takes the same path as every other dead letter. */
export async function plantDeadLetter(
  { erasure, tenant }: { readonly erasure: string; readonly tenant: string },
  publisher: Publisher,
  /** The blind index of a planted person. */
  person?: string,
): Promise<SomeCanaries> {
  const key = routingKeys.deadCanary;
  const content = Buffer.from(JSON.stringify({ v: 1, erasure, tenant, person }));
  await publisher.publish({ key, content, mandatory: true });
  const { _id: letter } = toDeadLetter(
    { content, routingKey: key, headers: {}, redelivered: false },
    0,
  );
  return { letter };
}

/** Removes the data of the tenant from every dead letter, and deletes a letter if nothing is left. */
export function deadLetterPurge(deadLetters: Model<DeadLetterDocument>): Purge<'tenant'> {
  return ({ tenant }, count) =>
    purge(deadLetters, { kind: 'tenant', tenant }, { tenants: tenant }, count);
}

/** The same for a person. Its canary is about another person, the planted one, and is deleted by its id. */
export function personDeadLetterPurge(deadLetters: Model<DeadLetterDocument>): Purge<'person'> {
  return async ({ tenant, person }, count, { letter }) => {
    if (letter !== undefined) await deadLetters.deleteOne({ _id: letter });
    await purge(deadLetters, { kind: 'person', tenant, person }, { persons: person }, count);
  };
}

/**
 * The update applies only to the letter as it was read. The reason: the purge of another subject may change
 * the same letter, and what it removed must not come back. If the letter has changed, it is read again.
 */
async function purge(
  deadLetters: Model<DeadLetterDocument>,
  subject: Subject,
  found: Readonly<Record<string, string>>,
  count: (removed: number) => Promise<void>,
): Promise<void> {
  for (;;) {
    const letter = await deadLetters.findOne(found).lean();
    if (letter === null) return;
    // `content` is compared too, because the same names may be left in it.
    const asRead = { _id: letter._id, content: letter.content };
    const content = without(octetsOf(letter.content), subject);
    const removed =
      content === undefined
        ? (await deadLetters.deleteOne(asRead)).deletedCount
        : (
            await deadLetters.updateOne(asRead, {
              content,
              tenants: tenantsIn(content),
              persons: personsIn(content),
            })
          ).modifiedCount;
    if (removed > 0) await count(removed);
  }
}
