import type { SuppressionGround } from '@mysmtp/contracts';
import type { Orders } from '../orders/orders.ts';
import { receiptsOf } from '../orders/receipts.ts';
import type { PersonRequest, RightProgress } from './right.ts';

/** Sets or removes a mark of a person in every service that honours it. */
export async function mark(
  orders: Orders,
  { id, kind, tenant, person, commitment }: Omit<PersonRequest, 'address' | 'details'>,
  wanted: { readonly ground: SuppressionGround; readonly exists: boolean },
): Promise<RightProgress> {
  const order = await orders.give({ id, kind, tenant, person, commitment, do: 'mark', ...wanted });
  const receipts = receiptsOf(order);
  if (order.completedAt !== null) return { state: 'completed', waitingFor: [], receipts };
  const missing = await orders.missing(order);
  if (missing.length > 0) {
    await orders.resend(order);
    return { state: 'in_progress', waitingFor: missing, receipts };
  }
  await orders.complete(order);
  return { state: 'completed', waitingFor: [], receipts };
}
