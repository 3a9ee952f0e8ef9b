import { z } from 'zod';
import type { Orders } from '../orders/orders.ts';
import { mark } from './mark.ts';
import type { Right } from './right.ts';

/**
 * `lift`: the request ends an earlier restriction. If it is not the person who asks, the person is told before
 * (GDPR Art. 18(3)): `told` is when that was (RFC 3339).
 */
const Details = z.object({ lift: z.boolean().optional(), told: z.iso.datetime().optional() });

/** The data of the person is stored and not used any more (GDPR Art. 18). */
export function restriction(deps: { readonly orders: Orders }): Right {
  return async (request) => {
    const { lift = false, told } = Details.safeParse(await request.details()).data ?? {};
    if (lift && request.byOwner && told === undefined) {
      return { state: 'in_progress', waitingFor: ['the notice to the person'], receipts: [] };
    }
    return mark(deps.orders, request, { ground: 'restriction', exists: !lift });
  };
}
