import type { Orders } from '../orders/orders.ts';
import { mark } from './mark.ts';
import type { Right } from './right.ts';

/** No mail of the tenant is sent to the person any more (GDPR Art. 21). */
export const objection =
  (deps: { readonly orders: Orders }): Right =>
  (request) =>
    mark(deps.orders, request, { ground: 'objection', exists: true });
