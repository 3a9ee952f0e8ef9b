import { z } from 'zod';
import { growing, growingWord, reader } from './message.ts';
import { SomeLimits } from './plans.ts';

/**
 * `suspended`: stopped by an operator, because of abuse for example. `restricted`: its data is stored and
 * not used (GDPR Art. 18). In both, no mail of the tenant is accepted or delivered.
 */
export const tenantStatuses = ['active', 'suspended', 'restricted'] as const;
export type TenantStatus = (typeof tenantStatuses)[number];
/** A status in which nothing may be done for the tenant but to keep its data. */
export type StoppedStatus = Exclude<TenantStatus, 'active'>;

/**
 * A customer. Its name and owner stay in identity, sealed; other services get its status and its limits. In
 * an unknown status a tenant may send nothing.
 */
export const TenantState = z.strictObject({
  status: growingWord(tenantStatuses, 'suspended'),
  /** All limits that are in force. Absent in a state of the release before: those of the default plan. */
  limits: SomeLimits.optional(),
});
export type TenantState = z.infer<typeof TenantState>;

/** What a credential of any kind may be limited to. */
const limits = {
  /** Blind indexes of the only addresses and domains from which it may send. */
  senders: z.array(z.string()).optional(),
  /** Its mail is accepted and shown in the usage log, and never delivered. */
  sandbox: z.boolean().optional(),
  /** Milliseconds since the epoch. */
  expiresAt: z.number().int().optional(),
};

/**
 * A credential to submit mail. `password`: SHA-256 of a generated secret of at least 128 bits, base64url,
 * found by user name. `network`: a CIDR, sealed under the tenant's account key. `suspended`: an operator has
 * stopped it.
 */
export const CredentialState = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('password'),
    tenant: z.string(),
    suspended: z.boolean().optional(),
    username: z.string(),
    secretHash: z.string(),
    /** The password before the last rotation, valid until that time (milliseconds). */
    previous: z.strictObject({ secretHash: z.string(), until: z.number().int() }).optional(),
    /** The only client networks, a JSON array of CIDRs, sealed under the tenant's account key. */
    networks: z.string().optional(),
    ...limits,
  }),
  z.strictObject({
    kind: z.literal('network'),
    tenant: z.string(),
    suspended: z.boolean().optional(),
    cidr: z.string(),
    ...limits,
  }),
]);
export type CredentialState = z.infer<typeof CredentialState>;

/** The legal basis on which a customer sends mail (GDPR Art. 6(1)(a) to (f)). */
export const LegalBasis = z.enum([
  'consent',
  'contract',
  'legal-obligation',
  'vital-interests',
  'public-task',
  'legitimate-interests',
]);
export type LegalBasis = z.infer<typeof LegalBasis>;

export const Signing = z.enum(['ours', 'customer']);
export type Signing = z.infer<typeof Signing>;

/**
 * Whether the tenant may send from a domain. `unverified`: it may not. `verified`: DNS has the tenant's
 * challenge. `vouched`: an operator has stated that the domain is the tenant's.
 */
export const DomainStatus = z.enum(['unverified', 'verified', 'vouched']);
export type DomainStatus = z.infer<typeof DomainStatus>;

/**
 * Whether DNS publishes the RSA key that signs. `missing`: it does not, or there was no check yet. `assumed`:
 * an operator has stated that DNS need not be asked, about any key.
 */
export const DkimPublication = z.enum(['published', 'missing', 'assumed']);
export type DkimPublication = z.infer<typeof DkimPublication>;

/** Whether DNS publishes the Ed25519 key that signs beside it (RFC 8463). */
export const Ed25519Publication = z.enum(['published', 'missing']);
export type Ed25519Publication = z.infer<typeof Ed25519Publication>;

/**
 * A sender domain: its name, sealed under the account key (base64), and the blind index by which it is
 * found. In releases without `status` an operator vouched for every domain, and every domain was signed
 * for without a lookup in DNS.
 */
export const DomainState = z.strictObject({
  tenant: z.string(),
  name: z.string(),
  nameIndex: z.string(),
  signing: growingWord(Signing.options, 'ours'),
  status: growingWord(DomainStatus.options, 'unverified').optional(),
  /** The selector of the key that `dkim` is about; absent until delivery has reported the key. */
  dkimSelector: z.string().optional(),
  dkim: growingWord(DkimPublication.options, 'missing').optional(),
  /** The same of the Ed25519 key. Absent in a state of the release before, which has none. */
  ed25519Selector: z.string().optional(),
  ed25519: growingWord(Ed25519Publication.options, 'missing').optional(),
});
export type DomainState = z.infer<typeof DomainState>;

/**
 * An API key, by SHA-256, base64url. `owner`: with all permissions of the owner of its tenant. `operator`:
 * of no tenant, with all permissions of an operator. `restricted`: with its scopes only, or from some networks only. A reader of the
 * release before cannot read a restricted key, and refuses it.
 */
export const TokenState = z.strictObject({
  role: z.enum(['owner', 'operator', 'restricted']),
  tenant: z.string().nullable(),
  hash: z.string(),
  /** Without: all permissions of an owner, or of an operator if it has no tenant. */
  scopes: z.array(z.string()).optional(),
  /** The one domain of the tenant to which it is limited. */
  domain: z.string().optional(),
  /** Milliseconds. */
  expiresAt: z.number().optional(),
  /** Only identity can decide about it, because it is limited to networks, which are sealed. */
  atIdentity: z.boolean().optional(),
});
export type TokenState = z.infer<typeof TokenState>;

const change = <const Name extends string, State extends z.ZodType>(entity: Name, state: State) =>
  z.strictObject({
    v: z.literal(1),
    entity: z.literal(entity),
    id: z.string(),
    /** Grows by one with every change of this entity. */
    version: z.number().int().positive(),
    /** `null` is a tombstone: it replaces every older state for ever. */
    state: state.nullable(),
  });

/**
 * The state of one entity at one version, for other services. It is an event (routing key
 * `identity.ENTITY.changed`) or an entry of a snapshot.
 */
export const IdentityChange = z.discriminatedUnion('entity', [
  change('tenant', TenantState),
  change('credential', CredentialState),
  change('domain', DomainState),
  change('token', TokenState),
]);
export type IdentityChange = z.infer<typeof IdentityChange>;
export type IdentityEntity = IdentityChange['entity'];
export type StateOf<Entity extends IdentityEntity> = NonNullable<
  Extract<IdentityChange, { entity: Entity }>['state']
>;

/** `POST /internal/v1/snapshot` of identity: all changes of these entities, tombstones included. */
export const SnapshotRequest = z.strictObject({
  entities: z.array(z.enum(['tenant', 'credential', 'domain', 'token'])).min(1),
  after: z.string().optional(),
});

/** What a reader uses of a change that it cannot read: the entity and its id. */
const UnreadableChange = z.object({ entity: z.string(), id: z.string() });

export const SnapshotResponse = z.strictObject({
  /** A change that cannot be read must not prevent the others from being applied. */
  changes: growing(z.array(IdentityChange), z.array(reader(IdentityChange).or(UnreadableChange))),
  /** Where the next page starts; `null` on the last one. */
  next: z.string().nullable(),
});

/** `POST /internal/v1/dkim-keys` of identity: the keys with which delivery signs the mail of a domain. */
export const DkimKeyReport = z.strictObject({
  /** Id of the domain. */
  domain: z.string(),
  selector: z.string(),
  /** SubjectPublicKeyInfo (RSA), DER in base64: the `p` tag of the record (RFC 6376 3.6.1). */
  publicKey: z.string(),
  /** Absent in a report of the release before. `publicKey`: 32 octets in base64 (RFC 8463 4). */
  ed25519: z.strictObject({ selector: z.string(), publicKey: z.string() }).optional(),
});
export type DkimKeyReport = z.infer<typeof DkimKeyReport>;

/** `ed25519`: whether that key was taken. Absent in an answer of the release before, which takes none. */
export const DkimKeyAnswer = z.strictObject({
  known: z.boolean(),
  ed25519: z.boolean().optional(),
});
