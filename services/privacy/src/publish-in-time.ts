import { PublishError, type Publication, type Publisher } from '@mysmtp/broker';
import pTimeout from 'p-timeout';

/** How long to wait for a confirm. A quorum queue without a majority gives none. Milliseconds. */
const patience = 10_000;

/**
 * Publishes, and gives up if no confirm arrives. Otherwise the caller would hang unnoticed. Rejects with
 * a `PublishError`, then of kind `unknown`.
 */
export function publishInTime(publisher: Publisher, publication: Publication): Promise<void> {
  const message = new PublishError('unknown');
  return pTimeout(publisher.publish(publication), { milliseconds: patience, message });
}
