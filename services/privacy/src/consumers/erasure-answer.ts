import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, Outcome } from '@mysmtp/broker';
import {
  answeringStores,
  ErasureAnswer,
  Receipt,
  receiptType,
  registry,
  routingKeys,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { Answers } from '../erasures/answers.ts';
import type { Ledger } from '../erasures/ledger.ts';

/** So that a database that is away does not make the broker hand the same message out in a circle. */
const pauseAfterFailure = 1_000;

/** Somebody answered with what proves nothing: an operator has to see it. */
class UnprovenError extends Error {}

/**
 * Queue `privacy.answers` → ledger. A receipt counts only where its own service has signed it, and an
 * answer only where its sender is who it says: the broker lets each speak in its own name alone.
 */
export function erasureAnswerHandler(means: {
  readonly ledger: Ledger;
  readonly answers: Answers;
  readonly serviceKeys: JSONWebKeySet;
  readonly log: Logger;
}): (delivery: Delivery) => Promise<Outcome> {
  const { ledger, answers, log } = means;
  const keys = createLocalJWKSet(means.serviceKeys);
  const stores = answeringStores(registry);

  async function verified(jws: string): Promise<Receipt> {
    const { payload, protectedHeader } = await compactVerify(jws, keys, { algorithms: ['EdDSA'] })
      // Whatever is wrong with it, it proves nothing.
      .catch(() => {
        throw new UnprovenError('The signature does not verify');
      });
    const receipt = Receipt.parse(JSON.parse(Buffer.from(payload).toString()));
    const owner = stores.get(receipt.store);
    const isItsOwn = owner === receipt.service && protectedHeader.kid === receipt.service;
    if (protectedHeader.typ !== receiptType || !isItsOwn) {
      throw new UnprovenError('Another service owns this store');
    }
    return receipt;
  }

  async function take(answer: ErasureAnswer, routingKey: string): Promise<void> {
    if ('service' in answer && routingKey !== routingKeys.erasureAnswer(answer.service)) {
      throw new UnprovenError('Another service speaks');
    }
    const { erasure } = answer;
    // After the certificate nothing is added to what it was made of.
    const isOpen = await ledger.exists({ _id: erasure, step: { $ne: 'completed_live' } });
    if (isOpen === null) return;
    switch (answer.kind) {
      case 'planted': {
        const planted = Object.entries(answer.canaries).map(([name, id]) => [
          `canaries.${name}`,
          id,
        ]);
        if (planted.length === 0) return;
        await ledger.updateOne({ _id: erasure, step: 'planting' }, Object.fromEntries(planted));
        return;
      }
      case 'fenced':
        return answers.fenced(answer);
      case 'working':
        return answers.working(answer);
      case 'receipt': {
        const receipt = await verified(answer.jws);
        if (receipt.requestId !== erasure) throw new UnprovenError('It is of another request');
        return answers.receipt(receipt, answer.jws);
      }
    }
  }

  return async ({ content, routingKey }) => {
    const answer = parse(content);
    if (answer === undefined) {
      log.error('erasure.answer_unreadable', { routingKey });
      return 'dead';
    }
    try {
      await take(answer, routingKey);
      return 'ack';
    } catch (error) {
      log.error('erasure.answer_refused', { erasure: answer.erasure, routingKey, error });
      if (error instanceof UnprovenError) return 'dead';
      await sleep(pauseAfterFailure);
      return 'retry';
    }
  };
}

function parse(content: Buffer): ErasureAnswer | undefined {
  try {
    return ErasureAnswer.safeParse(JSON.parse(content.toString())).data;
  } catch {
    return undefined;
  }
}
