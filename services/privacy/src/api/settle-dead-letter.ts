import type { privacyApi } from '@mysmtp/api';
import { PublishError, type Publisher } from '@mysmtp/broker';
import { actorText, originalKeyHeader, routingKeys } from '@mysmtp/contracts';
import { problems, type Handler } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Model } from 'mongoose';
import { isEvent, type DeadLetterDocument } from '../dead-letters/dead-letter.ts';

/** Publishes the event before it deletes the dead letter: consumers of events are idempotent. */
export function settleDeadLetter(deps: {
  deadLetters: Model<DeadLetterDocument>;
  publisher: Publisher;
  log: Logger;
}): Handler<typeof privacyApi.settleDeadLetter> {
  const { deadLetters, publisher, log } = deps;
  return async ({ params: { id }, body: { action }, principal }) => {
    const letter = await deadLetters.findById(id);
    if (letter === null) throw problems.notFound();
    if (action === 'retry') await publishAgain(letter, publisher);
    await letter.deleteOne();
    const { routingKey } = letter;
    const actor = actorText(principal);
    log.info('dead_letter.settled', { actor, object: id, routingKey, status: action });
    return { status: 204 };
  };
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
    throw problems.unavailable('The broker did not confirm the message; the dead letter is kept');
  }
}
