import type { Delivery, Handle, Outcome } from '@mysmtp/broker';
import { routingKeys, serviceNames } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { createBackoff } from '@mysmtp/retry';
import type { Signed } from '@mysmtp/signed';
import type { Orders } from '../orders/orders.ts';

/** Pause before a requeue. Without it the broker redelivers in a tight loop while the database is away. */
const afterFailure = createBackoff({ first: 1_000, longest: 1_000 });

const orderKeys: ReadonlySet<string> = new Set(serviceNames.map(routingKeys.orderAnswer));

/** The queue `privacy.answers` has the answers to orders and to commands of erasures. */
export const answersHandler =
  (orders: (delivery: Delivery) => Promise<Outcome>, erasures: Handle): Handle =>
  (delivery, lost) =>
    orderKeys.has(delivery.routingKey) ? orders(delivery) : erasures(delivery, lost);

/** An answer counts only if its sender signed it and it came over the sender's exchange. */
export function orderAnswerHandler(deps: {
  readonly orders: Pick<Orders, 'take'>;
  readonly signed: Signed;
  readonly log: Logger;
  readonly stopping: AbortSignal;
}): (delivery: Delivery) => Promise<Outcome> {
  const { orders, signed, log, stopping } = deps;
  return async ({ content, routingKey }) => {
    const verified = await signed.verify('orderAnswer', content);
    if ('refused' in verified) return 'dead';
    const { payload: answer, by } = verified;
    if (answer.service !== by || routingKey !== routingKeys.orderAnswer(by)) {
      signed.refuse('orderAnswer', 'other_sender');
      return 'dead';
    }
    try {
      await orders.take(answer);
      return 'ack';
    } catch (error) {
      log.error('order.answer_not_kept', { erasure: answer.order, routingKey, error });
      await afterFailure.wait(stopping);
      return 'retry';
    }
  };
}
