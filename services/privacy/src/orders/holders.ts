import { createHash } from 'node:crypto';
import type { PersonOf } from '../tenants/person-of.ts';
import type { Orders } from './orders.ts';

/** The kind of an order that only counts. It is no request of its own. */
export const countingKind = 'count';

/**
 * Which of these tenants have data about an address. `waitingFor`: the tenants whose services have not all
 * answered. Idempotent; called again until nothing is waited for.
 */
export type Holders = (
  request: { readonly id: string; readonly address: string; readonly commitment: string },
  tenants: readonly string[],
) => Promise<{ readonly holders: readonly string[]; readonly waitingFor: readonly string[] }>;

/** The earlier orders of a person are no data that a tenant has collected. */
const notCounted: ReadonlySet<string> = new Set(['privacy.orders']);

/** Each service counts its records by the blind index under each tenant's key. No record leaves it. */
export function createHolders(deps: {
  readonly orders: Orders;
  readonly personOf: PersonOf;
}): Holders {
  const { orders, personOf } = deps;
  return async ({ id, address, commitment }, tenants) => {
    const holders: string[] = [];
    const waitingFor: string[] = [];
    for (const tenant of tenants) {
      const order = await orders.give({
        id: orderIdOf(id, tenant),
        kind: countingKind,
        tenant,
        person: await personOf(tenant, address),
        commitment,
        do: 'gather',
        counting: true,
      });
      if ((await orders.missing(order)).length > 0) {
        await orders.resend(order);
        waitingFor.push(tenant);
        continue;
      }
      const counted = order.answers.flatMap(({ stores }) => stores);
      const has = counted.some(({ store, count }) => count > 0 && !notCounted.has(store));
      if (has) holders.push(tenant);
    }
    return { holders, waitingFor };
  };
}

/** Always the same for a request and a tenant (UUIDv8, RFC 9562 5.8). */
function orderIdOf(request: string, tenant: string): string {
  const hex = createHash('sha256').update(`${request} ${tenant}`).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
}
