import { randomBytes, randomUUID } from 'node:crypto';
import { commitmentTo, type Subject } from '@mysmtp/contracts';
import { isDuplicateKey } from '@mysmtp/service';
import type { Model } from 'mongoose';
import type { TenantDocument } from '../tenants/tenant.ts';
import { aboutSubject, type Ledger } from './ledger.ts';

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
  subject: Subject,
  means: {
    readonly ledger: Ledger;
    readonly tenants: Model<TenantDocument>;
    readonly clock: { now(): number };
  },
): Promise<Requested | undefined> {
  const { ledger, tenants, clock } = means;
  const asked = async (): Promise<Requested | undefined> => {
    const known = await ledger.findOne(aboutSubject(subject)).lean();
    return known === null ? undefined : { id: known._id, nonce: undefined };
  };
  const before = await asked();
  if (before !== undefined) return before;
  if ((await tenants.exists({ _id: subject.tenant })) === null) return undefined;
  // Hexadecimal: on a command line base64url may look like an option.
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
