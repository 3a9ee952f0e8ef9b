import { z } from 'zod';
import type { Orders } from '../orders/orders.ts';
import { mark } from './mark.ts';
import type { Right } from './right.ts';

/**
 * `lift`: the request ends an earlier restriction. If it is not the person who asks, the person is told before
 * (GDPR Art. 18(3)).
 */
const Details = z.object({ lift: z.boolean().optional() });

/** What waits for the mail to the person. */
export const noticeToPerson = 'the notice to the person';

/** The data of the person is stored and not used any more (GDPR Art. 18). */
export function restriction(deps: { readonly orders: Orders }): Right {
  return async (request) => {
    const { lift = false } = Details.safeParse(await request.details()).data ?? {};
    if (lift && request.byOwner && !request.isPersonTold) {
      return { state: 'in_progress', waitingFor: [noticeToPerson], receipts: [] };
    }
    return mark(deps.orders, request, { ground: 'restriction', exists: !lift });
  };
}
