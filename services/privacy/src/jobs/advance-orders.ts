import { day } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { OrderModels } from '../orders/model.ts';
import type { Orders } from '../orders/orders.ts';

/** How often the job runs. Milliseconds. */
export const advanceOrdersPeriod = 1_000;

/** How long an order is kept after it is complete: its receipts are in the ledger of requests. */
export const orderRetention = 30 * day;

/**
 * Sends open orders again until every service has answered. A mark, and an order that only counts, is then
 * complete. What was gathered is complete once its bundle is made.
 */
export function advanceOrders(deps: {
  readonly models: Pick<OrderModels, 'orders'>;
  readonly orders: Orders;
  readonly log: Logger;
}): () => Promise<void> {
  const { models, orders, log } = deps;
  return async () => {
    for (const order of await models.orders.find({ completedAt: null }).lean()) {
      try {
        const missing = await orders.missing(order);
        if (missing.length > 0) await orders.resend(order);
        else if (order.do === 'mark' || order.publicKey === null) await orders.complete(order);
      } catch (error) {
        log.error('order.turn_failed', { erasure: order._id, error });
      }
    }
  };
}

export const expireOrders =
  (models: Pick<OrderModels, 'orders'>, clock: Clock): (() => Promise<void>) =>
  async () => {
    const before = new Date(clock.now() - orderRetention);
    await models.orders.deleteMany({ completedAt: { $lt: before } });
  };
