import { z } from 'zod';
import { growingWord } from './message.ts';

/** Kept for 6 months after their month: who tried to get in. */
const securityTypes = [
  'sign_in',
  'factor_used',
  /** SMTP AUTH. */
  'auth',
  'request_refused',
  'rate_limited',
  'sign_in_throttled',
  /** Mail of a credential, as it is not usual for it. `reason`: `volume`, `recipients` or `bounces`. */
  'sending',
] as const;

/** Kept for 12 months after their month: who did or saw what. */
const actTypes = [
  /** A request that changes something. */
  'act',
  /** By an operator, or as an export. */
  'data_viewed',
  'factor_added',
  'factor_removed',
  'password_changed',
  'email_changed',
  'role_changed',
  'lost_factor',
  'access_opened',
  'export_made',
  'erasure_requested',
  'data_request',
  /** A record of a person was corrected (GDPR Art. 16): what the chain says before it stays. */
  'rectified',
  'finding',
  'payload_erased',
  'payload_expired',
  /** How far a full check of the audit chain is. */
  'chain_checked',
  'chain_head_refused',
  /** Logging has found the audit chain changed when it checked it. `reason`: the first fault. */
  'chain_broken',
  'service_started',
  'other',
] as const;

export const securityEventTypes = [...securityTypes, ...actTypes] as const;
export type SecurityEventType = (typeof securityEventTypes)[number];

/** The class of an entry of the audit chain: the purpose of the key under which its payload is sealed. */
export type AuditClass = 'security' | 'audit';

const isSecurityType = (type: SecurityEventType): boolean =>
  (securityTypes as readonly SecurityEventType[]).includes(type);

export const auditClassOf = (type: SecurityEventType): AuditClass =>
  isSecurityType(type) ? 'security' : 'audit';

/** `operator`: a person or token of the operators' realm. `unknown`: nobody has authenticated. */
export const securityActorKinds = [
  'person',
  'operator',
  'token',
  'credential',
  'service',
  'unknown',
] as const;

/**
 * Something that happened and belongs in the audit chain. It has only our own ids in clear. Everything about
 * the client's address is sealed or a keyed hash.
 */
export const SecurityEvent = z.strictObject({
  /** UUIDv7 of the sender. An event that arrives twice is chained once. */
  id: z.uuid(),
  /** Milliseconds since the epoch. */
  at: z.number().int(),
  type: growingWord(securityEventTypes, 'other'),
  /** `null`: of the operators' realm, or unknown. */
  tenant: z.string().nullable(),
  actor: z.strictObject({
    kind: growingWord(securityActorKinds, 'unknown'),
    /** `null`: unknown. */
    id: z.string().nullable(),
  }),
  /** Id of what was acted on. */
  object: z.string().nullable(),
  /** Name of the route in packages/api. */
  operation: z.string().nullable(),
  outcome: growingWord(['ok', 'refused', 'failed'], 'failed'),
  /** A code from a fixed list: of a problem, or an enhanced status code. */
  reason: z.string().max(64).nullable(),
  /** Id of the access (break-glass) under which an operator acts. */
  ticket: z.string().nullable(),
  /** HMAC of the client's network (/24 or /48), the same for all tenants and services within a month. */
  networkKey: z.string().nullable(),
  /** The same of the account that a client has named and that does not exist. */
  accountKey: z.string().optional(),
  /** The client's network, sealed under the tenant's `security` key; base64. */
  network: z.string().nullable(),
  /** The client's full address, sealed under the tenant's `client` key; base64. */
  client: z.string().nullable(),
});
export type SecurityEvent = z.infer<typeof SecurityEvent>;

/** Of one message. */
export const securityEventsLimit = 500;

export const SecurityEvents = z.strictObject({
  v: z.literal(1),
  events: z.array(SecurityEvent).min(1).max(securityEventsLimit),
});
export type SecurityEvents = z.infer<typeof SecurityEvents>;

/** The records to which the sealed values of an event are bound. */
export const networkRecord = (event: string): string => `network:${event}`;
export const clientRecord = (event: string): string => `client:${event}`;
