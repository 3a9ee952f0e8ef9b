import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  commitmentTo,
  dayOf,
  operatorRealm,
  type Hold,
  type Subject,
  type SubjectOf,
} from '@mysmtp/contracts';
import { isDuplicateKey } from '@mysmtp/service';
import type { Model } from 'mongoose';
import type { TenantDocument } from '../tenants/tenant.ts';
import { aboutSubject, type ErasureDocument, type Ledger } from './ledger.ts';

export interface Requested {
  readonly id: string;
  /** Given once, in the answer to the first request. It is not stored. */
  readonly nonce: string | undefined;
}

export interface RequestDeps {
  readonly ledger: Ledger;
  readonly tenants: Model<TenantDocument>;
  readonly clock: { now(): number };
  /** Called for each new entry. The saga works on one that another process has entered, too, but later. */
  readonly entered?: () => void;
}

/** Hexadecimal, because a base64url value may look like an option on a command line. */
export const newNonce = (): string => randomBytes(32).toString('hex');

/**
 * Enters a request into the ledger; the saga continues from there. A tenant is erased once: another
 * request returns the same entry. `undefined` for an unknown tenant.
 */
export async function requestErasure(
  subject: SubjectOf<'tenant'>,
  deps: RequestDeps,
  more: Pick<ErasureDocument, 'substitute'> = {},
): Promise<Requested | undefined> {
  const nonce = newNonce();
  const { commitment } = commitmentTo(subject, nonce);
  const entered = await enter(
    { _id: randomUUID(), subject, commitment, ...more },
    aboutSubject(subject),
    deps,
  );
  return entered && { id: entered.id, nonce: entered.isNew ? nonce : undefined };
}

/**
 * The same for a person. The caller that has the address makes the commitment (`commitmentTo`). Until the erasure
 * is complete, another request returns the same entry. `undefined` for a tenant that is unknown or erased.
 */
export async function requestErasureOfPerson(
  asked: {
    readonly subject: SubjectOf<'person'>;
    readonly commitment: string;
    /** Its id in the ledger of requests. */
    readonly request?: string;
    readonly holds?: readonly Hold[];
    readonly substitute?: boolean;
  },
  deps: RequestDeps,
): Promise<{ readonly id: string; readonly isNew: boolean } | undefined> {
  const { ledger, clock } = deps;
  const { subject, commitment, request, holds = [], substitute } = asked;
  const about = aboutSubject(subject);
  const last = await ledger.findOne(about).sort({ requestedAt: -1 }).lean();
  const entry = {
    _id: idAfter(last?._id, subject, clock.now()),
    subject,
    commitment,
    ...(request !== undefined && { request }),
    ...(holds.length > 0 && { holds }),
    ...(substitute !== undefined && { substitute }),
  };
  return enter(entry, { ...about, step: { $ne: 'completed_live' } }, deps);
}

/**
 * Two requests at once for the same person get the same id, so one is entered. After an erasure the next one
 * has another id. The id does not reveal the blind index, which is a secret of 256 bits (UUIDv8, RFC 9562).
 */
function idAfter(last: string | undefined, { tenant, person }: SubjectOf<'person'>, now: number) {
  const text = [tenant, person, last ?? dayOf(now)].join(' ');
  const octets = createHash('sha256').update(text).digest().subarray(0, 16);
  octets.writeUInt8((octets.readUInt8(6) & 0x0f) | 0x80, 6);
  octets.writeUInt8((octets.readUInt8(8) & 0x3f) | 0x80, 8);
  return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

async function enter(
  entry: Pick<ErasureDocument, '_id' | 'commitment' | 'request' | 'holds' | 'substitute'> & {
    readonly subject: Subject;
  },
  same: Readonly<Record<string, unknown>>,
  { ledger, tenants, clock, entered }: RequestDeps,
): Promise<{ readonly id: string; readonly isNew: boolean } | undefined> {
  const { tenant, kind } = entry.subject;
  const known = async () => {
    const found = await ledger.findOne(same).lean();
    return found === null ? undefined : { id: found._id, isNew: false };
  };
  // Operators have accounts there, and it is no customer.
  if (tenant === operatorRealm) return undefined;
  const before = await known();
  if (before !== undefined) return before;
  // The persons of an erased tenant are erased.
  const there = await tenants.findById(tenant, { state: 1 }).lean();
  if (there === null || (kind === 'person' && there.state !== 'active')) return undefined;
  const now = new Date(clock.now());
  const times = { step: 'planting', requestedAt: now, since: now } as const;
  try {
    const { _id: id } = await ledger.create({ ...entry, ...times });
    entered?.();
    return { id, isNew: true };
  } catch (error) {
    const meanwhile = isDuplicateKey(error) ? await known() : undefined;
    if (meanwhile === undefined) throw error;
    return meanwhile;
  }
}
