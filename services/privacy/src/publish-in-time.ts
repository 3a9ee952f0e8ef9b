import { PublishError, type Publication, type Publisher } from '@mysmtp/broker';
import pTimeout from 'p-timeout';

/** A confirm that has not come by then: a quorum queue without a majority gives none. Milliseconds. */
const patience = 10_000;

/**
 * Publishes, and gives up on a confirm that does not come: whoever waits for it would stand still, and
 * nobody would see it. Rejects with a `PublishError`, then of kind `unknown`.
 */
export function publishInTime(publisher: Publisher, publication: Publication): Promise<void> {
  const message = new PublishError('unknown');
  return pTimeout(publisher.publish(publication), { milliseconds: patience, message });
}
