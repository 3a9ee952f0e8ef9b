import type { Clock } from '@mysmtp/service';
import { bundleOf, exportOf } from '../exports/bundle.ts';
import type { Exports } from '../exports/exports.ts';
import type { Orders } from '../orders/orders.ts';
import { receiptsOf } from '../orders/receipts.ts';
import type { Right } from './right.ts';

/**
 * Gathers what every service holds of a person, as a bundle to download (GDPR Art. 15, 20). It is complete
 * once every service has answered about each of its stores.
 */
export function access(deps: {
  readonly orders: Orders;
  readonly exports: Exports;
  readonly clock: Clock;
}): Right {
  const { orders, exports, clock } = deps;
  return async (request) => {
    const { id, kind, tenant, person, commitment, byOwner, account } = request;
    const of = { id, kind, tenant, person, commitment };
    const order = await orders.give({ ...of, do: 'gather', account });
    const receipts = receiptsOf(order);
    if (order.completedAt !== null) {
      const hasBundle = (await exports.until(id)) !== undefined;
      return { state: 'completed', waitingFor: [], receipts, ...(hasBundle && { download: id }) };
    }
    const missing = await orders.missing(order);
    if (missing.length > 0) {
      await orders.resend(order);
      return { state: 'in_progress', waitingFor: missing, receipts };
    }
    const about = {
      request: id,
      address: await request.address(),
      createdAt: clock.now(),
      byOwner,
      account: account !== null,
    };
    const bundle = bundleOf(exportOf(await orders.open(order), about));
    await exports.keep({ request: id, tenant, person }, bundle);
    await orders.complete(order);
    return { state: 'completed', waitingFor: [], receipts, download: id };
  };
}
