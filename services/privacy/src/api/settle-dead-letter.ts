import { PublishError, type Publisher } from '@mysmtp/broker';
import { originalKeyHeader, routingKeys } from '@mysmtp/contracts';
import { operators, problems, route, type Route } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Model } from 'mongoose';
import { z } from 'zod';
import { isEvent, type DeadLetterDocument } from '../dead-letters/dead-letter.ts';

/** Consumers of events take the same event twice without harm, so it is published before it is forgotten. */
export function settleDeadLetterRoute(means: {
  deadLetters: Model<DeadLetterDocument>;
  publisher: Publisher;
  log: Logger;
}): Route {
  const { deadLetters, publisher, log } = means;
  return route({
    method: 'post',
    path: '/v1/dead-letters/{id}',
    summary: 'Publishes a dead letter again where it came from, or forgets it',
    access: operators,
    params: z.strictObject({ id: z.string().regex(/^[\w-]{43}$/) }),
    body: z.strictObject({ action: z.enum(['retry', 'discard']) }),
    replies: { 204: null },
    async handle({ params, body }) {
      const letter = await deadLetters.findById(params.id);
      if (letter === null) throw problems.notFound();
      if (body.action === 'retry') await publishAgain(letter, publisher);
      await letter.deleteOne();
      log.info('dead_letter.settled', { routingKey: letter.routingKey, status: body.action });
      return { status: 204 };
    },
  });
}

async function publishAgain(letter: DeadLetterDocument, publisher: Publisher): Promise<void> {
  if (!isEvent(letter)) throw problems.conflict('Only events can be tried again');
  try {
    await publisher.publish({
      key: routingKeys.again(letter.queue),
      content: letter.content,
      headers: { [originalKeyHeader]: letter.routingKey },
      mandatory: true,
    });
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    throw problems.unavailable('The broker did not take it; it is still kept');
  }
}
