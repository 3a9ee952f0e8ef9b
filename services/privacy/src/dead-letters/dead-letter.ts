import { createHash } from 'node:crypto';
import type { Delivery } from '@mysmtp/broker';
import { originalKeyHeader, queues, routingKeys } from '@mysmtp/contracts';
import { isDuplicateKey, openCollection } from '@mysmtp/service';
import { Schema, type Connection, type Model } from 'mongoose';
import { z } from 'zod';
import { personsIn, tenantsIn } from './contents.ts';

/**
 * An event or command that its consumer could not handle, kept for an operator for a few days. Personal
 * data in its content is sealed, as in every message.
 */
export interface DeadLetterDocument {
  /** Hash of the message: a repeated message is the same dead letter. */
  readonly _id: string;
  /** The exchange that it was published to. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly queue: string;
  /** RabbitMQ's reason: `rejected`, `delivery_limit` … */
  readonly reason: string;
  readonly receivedAt: Date;
  readonly content: Buffer;
  /** Ids of the tenants that it is about. */
  readonly tenants: readonly string[];
  /** Blind indexes of the persons that it is about. The release before stored none. */
  readonly persons?: readonly string[];
}

const schema = new Schema<DeadLetterDocument>(
  {
    _id: { type: String, required: true },
    exchange: { type: String, default: '' },
    routingKey: { type: String, default: '' },
    queue: { type: String, default: '' },
    reason: { type: String, default: '' },
    receivedAt: { type: Date, required: true, index: true },
    content: { type: Buffer, required: true },
    tenants: { type: [String], index: true },
    persons: { type: [String], index: true },
  },
  { versionKey: false },
);

export async function openDeadLetterModel(
  connection: Connection,
): Promise<Model<DeadLetterDocument>> {
  const model = connection.model<DeadLetterDocument>('DeadLetter', schema, 'deadLetters');
  await openCollection(model);
  return model;
}

/**
 * RabbitMQ adds `x-death` to a message that it dead-letters, with an entry for each queue and reason, the
 * newest first. The queue and the reason are the current ones, even if the sender set this header.
 */
const DeathHeaders = z.object({
  'x-death': z
    .array(z.object({ exchange: z.string(), queue: z.string(), reason: z.string() }))
    .catch([]),
  [originalKeyHeader]: z.string().catch(''),
});

/**
 * The queues to which a dead letter may return. They hold events, and consumers of events are idempotent.
 */
const eventQueues: readonly string[] = [
  queues.loggingMessages.name,
  queues.loggingSecurity.name,
  queues.ingressSpool.name,
];

/** True for an event, false for a message of an erasure. */
export const isEvent = ({
  queue,
  routingKey,
}: Pick<DeadLetterDocument, 'queue' | 'routingKey'>): boolean =>
  eventQueues.includes(queue) && !routingKey.startsWith('privacy.');

/** For a canary, which is published directly to the dead-letter queue. */
const noDeath = { exchange: '', queue: '', reason: '' };

export function toDeadLetter(delivery: Delivery, now: number): DeadLetterDocument {
  const headers = DeathHeaders.parse(delivery.headers);
  const { exchange, queue, reason } = headers['x-death'][0] ?? noDeath;
  const { content } = delivery;
  // The letter had returned to its queue before.
  const isAgain = delivery.routingKey === routingKeys.again(queue);
  const routingKey = isAgain ? headers[originalKeyHeader] : delivery.routingKey;
  const hash = createHash('sha256').update(`${exchange}\0${routingKey}\0`).update(content);
  return {
    _id: hash.digest('base64url'),
    exchange,
    routingKey,
    queue,
    reason,
    receivedAt: new Date(now),
    content,
    tenants: tenantsIn(content),
    persons: personsIn(content),
  };
}

export async function keepDeadLetter(
  model: Model<DeadLetterDocument>,
  letter: DeadLetterDocument,
): Promise<void> {
  try {
    await model.create(letter);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}
