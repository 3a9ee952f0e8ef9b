import { day } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Clock, Pace } from '@mysmtp/service';
import type { OrderModels } from '../orders/model.ts';
import type { Orders } from '../orders/orders.ts';

export const advanceOrdersPace: Pace = { busy: 1_000, idle: 5_000 };

/** How long an order is kept after it is complete: its receipts are in the ledger of requests. */
export const orderRetention = 30 * day;

/**
 * Sends open orders again until every service has answered. A mark, and an order that only counts, is then
 * complete. What was gathered is complete once its bundle is made. Returns whether there are open orders.
 */
export function advanceOrders(deps: {
  readonly models: Pick<OrderModels, 'orders'>;
  readonly orders: Orders;
  readonly log: Logger;
}): () => Promise<boolean> {
  const { models, orders, log } = deps;
  return async () => {
    const open = await models.orders.find({ completedAt: null }).lean();
    for (const order of open) {
      try {
        const missing = await orders.missing(order);
        if (missing.length > 0) await orders.resend(order);
        else if (order.do === 'mark' || order.publicKey === null) await orders.complete(order);
      } catch (error) {
        log.error('order.turn_failed', { erasure: order._id, error });
      }
    }
    return open.length > 0;
  };
}

export const expireOrders =
  (models: Pick<OrderModels, 'orders'>, clock: Clock): (() => Promise<void>) =>
  async () => {
    const before = new Date(clock.now() - orderRetention);
    await models.orders.deleteMany({ completedAt: { $lt: before } });
  };
