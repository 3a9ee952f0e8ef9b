import type { Verifier } from '../verifier/verifier.ts';
import type { Counts } from './draft.ts';
import type { Particulars } from './register.ts';

/** The stores in which each customer and each person with an account has one record. */
const perCustomer = 'identity.tenants';
const perAccount = 'identity.people';

/** Counts the records concerned, with the read-only users of the verifier. Rejects if a store is away. */
export async function countConcerned(
  { stores, tenants }: Pick<Particulars, 'stores' | 'tenants'>,
  verifier: Verifier,
): Promise<Counts> {
  const searchable = verifier.stores('tenant');

  async function recordsIn(store: string): Promise<number> {
    if (tenants.length === 0) return verifier.total(store);
    const counts = tenants.map((tenant) => verifier.total(store, { kind: 'tenant', tenant }));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  return {
    customers: tenants.length === 0 ? await verifier.total(perCustomer) : tenants.length,
    accounts: await recordsIn(perAccount),
    records: await Promise.all(
      stores.map(async (store) => ({
        store,
        count: searchable.includes(store) ? await recordsIn(store) : null,
      })),
    ),
  };
}
