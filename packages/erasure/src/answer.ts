import { PublishError, type Publisher } from '@mysmtp/broker';
import { routingKeys, type ErasureAnswer, type ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import type { Signed } from '@mysmtp/signed';

const delays = { first: 100, longest: 5_000 } as const;

/**
 * Publishes an answer to privacy. Resolves once the broker has confirmed it; rejects if the service stops
 * before.
 */
export async function answerPrivacy(
  deps: {
    readonly service: ServiceName;
    readonly signed: Signed;
    readonly publisher: Publisher;
    readonly log: Logger;
    readonly stopping: AbortSignal;
  },
  answer: ErasureAnswer,
): Promise<void> {
  const { service, signed, publisher, log, stopping } = deps;
  const content = await signed.sign('answer', answer);
  const key = routingKeys.erasureAnswer(service);
  return retry(() => publisher.publish({ key, content, mandatory: true }), {
    ...delays,
    signal: stopping,
    shouldRetry: (error) => error instanceof PublishError,
    onRetry(error) {
      const { kind: reason } = error as PublishError;
      log.warn('erasure.answer_failed', { erasure: answer.erasure, reason });
    },
  });
}

/**
 * Limits progress notices to one in so many milliseconds. Call the result on each progress; no timer
 * sends a notice, so work that hangs is silent. The first notice is sent at once: privacy soon resends a
 * command to a silent service, and another process would start the same work.
 */
export function progressNotices(
  clock: { now(): number },
  every: number,
  notify: () => Promise<void>,
): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    if (clock.now() - last < every) return;
    last = clock.now();
    await notify();
  };
}
