import { randomBytes, randomUUID } from 'node:crypto';
import { commitmentOf } from '@mysmtp/contracts';
import { isDuplicateKey } from '@mysmtp/service';
import type { Model } from 'mongoose';
import type { TenantDocument } from '../tenants/tenant.ts';
import type { Ledger } from './ledger.ts';

export interface Requested {
  readonly id: string;
  /** Given once, to whoever asks first, and kept by nobody else. */
  readonly nonce: string | undefined;
}

/**
 * Enters a request into the ledger; from then on the saga goes on by itself. A tenant is erased once:
 * asking again gives the same request. `undefined` for a tenant that never was.
 */
export async function requestErasure(
  tenant: string,
  means: {
    readonly ledger: Ledger;
    readonly tenants: Model<TenantDocument>;
    readonly clock: { now(): number };
  },
): Promise<Requested | undefined> {
  const { ledger, tenants, clock } = means;
  const known = await ledger.findOne({ tenant }).lean();
  if (known !== null) return { id: known._id, nonce: undefined };
  if ((await tenants.exists({ _id: tenant })) === null) return undefined;
  // Hexadecimal: on a command line base64url may look like an option.
  const nonce = randomBytes(32).toString('hex');
  const now = new Date(clock.now());
  try {
    const entry = await ledger.create({
      _id: randomUUID(),
      tenant,
      commitment: commitmentOf(nonce, tenant),
      step: 'planting',
      requestedAt: now,
      since: now,
    });
    return { id: entry._id, nonce };
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return requestErasure(tenant, means);
  }
}
