import { randomBytes, randomUUID } from 'node:crypto';
import { commitmentTo, operatorRealm, type Subject } from '@mysmtp/contracts';
import { isDuplicateKey } from '@mysmtp/service';
import type { Model } from 'mongoose';
import type { TenantDocument } from '../tenants/tenant.ts';
import { aboutSubject, type Ledger } from './ledger.ts';

export interface Requested {
  readonly id: string;
  /** Given once, in the answer to the first request. It is not stored. */
  readonly nonce: string | undefined;
}

/**
 * Enters a request into the ledger; the saga continues from there. A tenant is erased once: another
 * request returns the same entry. `undefined` for an unknown tenant.
 */
export async function requestErasure(
  subject: Subject,
  deps: {
    readonly ledger: Ledger;
    readonly tenants: Model<TenantDocument>;
    readonly clock: { now(): number };
  },
): Promise<Requested | undefined> {
  const { ledger, tenants, clock } = deps;
  const asked = async (): Promise<Requested | undefined> => {
    const known = await ledger.findOne(aboutSubject(subject)).lean();
    return known === null ? undefined : { id: known._id, nonce: undefined };
  };
  // Operators have accounts there, and it is no customer.
  if (subject.tenant === operatorRealm) return undefined;
  const before = await asked();
  if (before !== undefined) return before;
  if ((await tenants.exists({ _id: subject.tenant })) === null) return undefined;
  // Hexadecimal, because a base64url value may look like an option on a command line.
  const nonce = randomBytes(32).toString('hex');
  const now = new Date(clock.now());
  try {
    const entry = await ledger.create({
      _id: randomUUID(),
      subject,
      commitment: commitmentTo(subject, nonce).commitment,
      step: 'planting',
      requestedAt: now,
      since: now,
    });
    return { id: entry._id, nonce };
  } catch (error) {
    const meanwhile = isDuplicateKey(error) ? await asked() : undefined;
    if (meanwhile === undefined) throw error;
    return meanwhile;
  }
}
