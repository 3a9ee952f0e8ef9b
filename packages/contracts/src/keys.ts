import { z } from 'zod';
import { dayOf } from './ids.ts';
import { growing, growingList, growingWord } from './message.ts';

/**
 * The id of a tenant's key. `account` (for names, domains, DKIM keys) and `index` (blind indexes) exist
 * as long as the tenant. The others exist as long as the data that was sealed on that UTC day, or in the
 * month that begins on that day: `mail:DAY`, `events:DAY` and `client:DAY` (full addresses of clients);
 * `security:MONTH` and `audit:MONTH` (the two classes of the audit chain).
 */
export const KeyId = z
  .string()
  .regex(/^(account|index|(mail|events|client|security|audit):\d{4}-\d{2}-\d{2})$/);
export type KeyId = z.infer<typeof KeyId>;

/** The purpose of a key: the part of its id before the day. */
export const keyPurposes = [
  'account',
  'index',
  'mail',
  'events',
  'client',
  'security',
  'audit',
] as const;
export type KeyPurpose = (typeof keyPurposes)[number];

export const purposeOf = (id: KeyId): KeyPurpose => id.split(':')[0] as KeyPurpose;

/** A UTC day, `YYYY-MM-DD`. */
export const Day = z.iso.date();

/** The purposes whose keys belong to a period. */
export const dayPurposes = ['mail', 'events', 'client', 'security', 'audit'] as const;
export type DayPurpose = (typeof dayPurposes)[number];

/** These have a key for each month, the others one for each day. */
const monthPurposes: readonly DayPurpose[] = ['security', 'audit'];
export const isMonthly = (purpose: DayPurpose): boolean => monthPurposes.includes(purpose);

/** The first UTC day of the period of `at`: this day, or the first of its month. */
export const periodOf = (purpose: DayPurpose, at: number): string =>
  isMonthly(purpose) ? `${dayOf(at).slice(0, 'YYYY-MM'.length)}-01` : dayOf(at);

/** Id of the key that seals a tenant's data of this purpose on the day of `at`. */
export function dayKeyId(purpose: DayPurpose, at: number): KeyId {
  return `${purpose}:${periodOf(purpose, at)}`;
}

/** A tenant in state `erased` has no key any more. For an `unknown` one none was made. */
const TenantKeyState = growingWord(['active', 'fenced', 'erased', 'unknown'], 'unknown');
export type TenantKeyState = z.infer<typeof TenantKeyState>;

/**
 * A request of a service for the keys of one tenant. Without `ids`: all keys that a process needs today.
 * The answer is sealed to `publicKey` (X25519, 32 octets, base64url), which is used for this request
 * only.
 */
export const KeysAsked = z.strictObject({
  id: z.uuid(),
  tenant: z.string().min(1),
  ids: z.array(KeyId).max(64).optional(),
  publicKey: z.string().regex(/^[\w-]{43}$/),
});

/**
 * Privacy's answer to the request with that id. `sealed` (HPKE, RFC 9180, with the encapsulated key
 * `enc`; both base64url) has the keys of `ids` in this order, 32 octets each. `destroyed` lists the ids
 * of keys that are destroyed for ever.
 */
export const KeysGiven = z.strictObject({
  request: z.uuid(),
  state: TenantKeyState,
  /** A reader leaves out keys with an unknown purpose; their octets keep their positions. */
  ids: growing(z.array(KeyId), z.array(z.string())),
  enc: z.string(),
  sealed: z.string(),
  destroyed: growingList(KeyId),
});
export type KeysGiven = z.infer<typeof KeysGiven>;

/** `POST /internal/v1/keys` of privacy and its answer: `KeysAsked` and `KeysGiven`, each signed (compact JWS). */
export const SignedBody = z.strictObject({ jws: z.string() });
export type SignedBody = z.infer<typeof SignedBody>;

/** `POST /internal/v1/tenants` of privacy. Identity calls it before it seals the first field of a tenant. */
export const ActivateTenantRequest = z.strictObject({ tenant: z.string().min(1) });

/**
 * Broadcast: drop these keys of this tenant (`null` = of all tenants) from every cache, now. A process
 * that does not support one of the ids drops all keys, because no destroyed key may stay.
 */
export const KeysDropped = z.strictObject({
  v: z.literal(1),
  tenant: z.string().nullable(),
  ids: z.array(KeyId).nullable(),
});
export type KeysDropped = z.infer<typeof KeysDropped>;
