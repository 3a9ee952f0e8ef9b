import type { Delivery, Outcome } from '@mysmtp/broker';
import { openReceipt } from '@mysmtp/certificate';
import {
  CodedError,
  reader,
  Receipt,
  registry,
  routingKeys,
  type ErasureAnswer,
  type PublishedKeySet,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { createBackoff } from '@mysmtp/retry';
import type { Signed } from '@mysmtp/signed';
import { decodeJwt } from 'jose';
import type { z } from 'zod';
import type { Answers } from '../erasures/answers.ts';
import type { ErasureDocument, Ledger } from '../erasures/ledger.ts';

/** Pause before a requeue. Without it the broker redelivers in a tight loop while the database is away. */
const afterFailure = createBackoff({ first: 1_000, longest: 1_000 });

/** An answer that proves nothing. An operator must see it. */
class UnprovenError extends CodedError {
  constructor(faults: readonly string[]) {
    super('receipt_not_proven', `The receipt ${faults.join(', and ')}`);
    this.name = 'UnprovenError';
  }
}

/**
 * Queue `privacy.answers` → ledger. A receipt counts only if its own service signed it. An answer counts
 * only if its sender signed it and it came over the sender's exchange.
 */
export function erasureAnswerHandler(deps: {
  readonly ledger: Ledger;
  readonly answers: Answers;
  readonly published: PublishedKeySet;
  readonly signed: Signed;
  readonly clock: { now(): number };
  readonly log: Logger;
  readonly stopping: AbortSignal;
}): (delivery: Delivery) => Promise<Outcome> {
  const { ledger, answers, published, signed, clock, log, stopping } = deps;

  async function takeReceipt(
    { _id: requestId, subject: { kind }, commitment, requestedAt, holds }: ErasureDocument,
    jws: string,
    saidAt: number,
  ): Promise<void> {
    const claims = claimsOf(jws);
    const store = claims?.store ?? '';
    if (claims !== undefined && claims.registryVersion !== registry.version) {
      // An upgrade of its service or of this one is under way. The receipt is requested again.
      log.warn('erasure.receipt_outdated', { erasure: requestId, store });
      return;
    }
    const from = requestedAt.toISOString();
    const until = new Date(clock.now()).toISOString();
    const subject = { kind, commitment };
    const asked = { requestId, subject, holds, registry, published, from, until };
    const opened = await openReceipt({ store, jws }, asked);
    if ('faults' in opened) throw new UnprovenError(opened.faults);
    return answers.receipt(opened.receipt, jws, saidAt);
  }

  async function take(answer: ErasureAnswer, saidAt: number): Promise<void> {
    const { erasure } = answer;
    // The certificate is final: nothing is added to its receipts after it.
    const entry = await ledger
      .findOne({ _id: erasure, step: { $nin: ['lifting', 'completed_live'] } })
      .lean();
    if (entry === null) return;
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
        return answers.working(answer, saidAt);
      case 'unsupported':
        return answers.unsupported(answer, saidAt);
      case 'receipt':
        return takeReceipt(entry, answer.jws, saidAt);
    }
  }

  return async ({ content, routingKey }) => {
    const verified = await signed.verify('answer', content);
    if ('refused' in verified) return 'dead';
    const { payload: answer, by, at } = verified;
    const speaks = 'service' in answer ? answer.service : by;
    if (speaks !== by || routingKey !== routingKeys.erasureAnswer(by)) {
      signed.refuse('answer', 'other_sender');
      return 'dead';
    }
    try {
      await take(answer, at);
      return 'ack';
    } catch (error) {
      log.error('erasure.answer_refused', { erasure: answer.erasure, routingKey, error });
      if (error instanceof UnprovenError) return 'dead';
      await afterFailure.wait(stopping);
      return 'retry';
    }
  };
}

const Claims = reader(Receipt.pick({ store: true, registryVersion: true }));

/** The claims of a receipt, not verified yet. */
function claimsOf(jws: string): z.infer<typeof Claims> | undefined {
  try {
    return Claims.safeParse(decodeJwt(jws)).data;
  } catch {
    return undefined;
  }
}
