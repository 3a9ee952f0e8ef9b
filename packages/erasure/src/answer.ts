import { setTimeout as sleep } from 'node:timers/promises';
import { PublishError, type Publisher } from '@mysmtp/broker';
import { routingKeys, type ErasureAnswer, type ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Signed } from '@mysmtp/signed';

const firstPause = 100;
const longestPause = 5_000;

/** Tells privacy something of an erasure. Resolves once the broker has it; rejects when we stop before. */
export async function answerPrivacy(
  means: {
    readonly service: ServiceName;
    readonly signed: Signed;
    readonly publisher: Publisher;
    readonly log: Logger;
    readonly stopping: AbortSignal;
  },
  answer: ErasureAnswer,
): Promise<void> {
  const { service, signed, publisher, log, stopping } = means;
  const content = await signed.sign('answer', answer);
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    try {
      return await publisher.publish({
        key: routingKeys.erasureAnswer(service),
        content,
        mandatory: true,
      });
    } catch (error) {
      if (!(error instanceof PublishError) || stopping.aborted) throw error;
      log.warn('erasure.answer_failed', { erasure: answer.erasure, reason: error.kind });
      await sleep(pause, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
}
