import { z } from 'zod';
import { Acceptance, Attempt } from './mail.ts';
import { ReplyClass, Status } from './status.ts';
import { SuppressionGround } from './suppressions.ts';

const Time = z.iso.datetime();

/** Mail that waits for a further attempt. Without its content, which is delivered to its recipients. */
export const ExportedMail = z.strictObject({
  id: z.string(),
  kind: z.string(),
  acceptedAt: Time,
  sender: z.string(),
  recipients: z.array(z.strictObject({ address: z.string(), status: Status })),
  octets: z.int(),
});

/** A row of the usage log: one recipient of one message. */
export const ExportedRow = z.strictObject({
  id: z.string(),
  n: z.int().nonnegative(),
  acceptedAt: Time,
  messageId: z.string(),
  sender: z.string(),
  recipient: z.string(),
  tags: z.array(z.string()),
  accepted: Acceptance.nullable(),
  credential: z.string().nullable(),
  status: Status,
  lastReply: ReplyClass,
  siteClass: z.string().nullable(),
  nextAttemptAt: Time.nullable(),
  attempts: z.array(Attempt),
});
export type ExportedRow = z.infer<typeof ExportedRow>;

/** That the person has objected, or that the use of the data is restricted. */
export const ExportedSuppression = z.strictObject({
  ground: SuppressionGround,
  request: z.string(),
  at: Time,
});

export const ExportedRestriction = z.strictObject({ request: z.string(), at: Time });

/** An account with this address in the team of the customer. */
export const ExportedAccount = z.strictObject({
  id: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  role: z.string(),
  joinedAt: Time,
  /** Only if the person has asked while signed in, as all other records of the account. */
  factors: z
    .array(
      z.strictObject({
        kind: z.enum(['totp', 'passkey']),
        label: z.string().nullable(),
        addedAt: Time,
      }),
    )
    .exactOptional(),
  /** How many are unused. */
  recoveryCodes: z.int().nonnegative().exactOptional(),
});
export type ExportedAccount = z.infer<typeof ExportedAccount>;

/** A session of the account, without its token. */
export const ExportedSession = z.strictObject({
  id: z.string(),
  device: z.string(),
  createdAt: Time,
  usedAt: Time,
});

/** Something that the person has begun and not finished, such as an invitation of somebody. */
export const ExportedChallenge = z.strictObject({
  id: z.string(),
  kind: z.string(),
  /** Of an invitation: who is invited. Of a change: the new or the former address. */
  address: z.string().nullable(),
  role: z.string().nullable(),
  createdAt: Time,
  expiresAt: Time,
});

/** A notice to the person that is not sent yet. Its text may have a secret link, so it is not here. */
export const ExportedNotice = z.strictObject({
  id: z.string(),
  subject: z.string(),
  createdAt: Time,
});

/** An API key that the person has made. */
export const ExportedKey = z.strictObject({
  id: z.string(),
  name: z.string().nullable(),
  scopes: z.array(z.string()).nullable(),
  createdAt: Time,
  expiresAt: Time.nullable(),
  lastUsedAt: Time.nullable(),
});

/** An SMTP credential that the person has made. */
export const ExportedCredential = z.strictObject({
  id: z.string(),
  label: z.string().nullable(),
  username: z.string().nullable(),
  createdAt: Time,
  expiresAt: Time.nullable(),
  lastUsedAt: Time.nullable(),
});

/** An entry of the ledger of consents. */
export const ExportedConsent = z.strictObject({
  id: z.string(),
  at: Time,
  purpose: z.string(),
  given: z.boolean(),
  /** SHA-256 of the text that the person saw. */
  text: z.string(),
});

/** An entry of the audit chain about an act of the person. */
export const ExportedAct = z.strictObject({
  seq: z.int(),
  at: Time,
  type: z.string(),
  operation: z.string().nullable(),
  object: z.string().nullable(),
  outcome: z.string(),
  reason: z.string().nullable(),
  /** Of the client; the full address is kept for 7 days. */
  network: z.string().nullable(),
  address: z.string().nullable(),
});
export type ExportedAct = z.infer<typeof ExportedAct>;

/** An order to the services for an earlier or the present request of the person. */
export const ExportedOrder = z.strictObject({
  id: z.string(),
  kind: z.string(),
  givenAt: Time,
  completedAt: Time.nullable(),
});

/** What belongs to an account beside the record of the person. */
export const accountRecords = {
  'identity.sessions': ExportedSession,
  'identity.challenges': ExportedChallenge,
  'identity.notices': ExportedNotice,
  'identity.tokens': ExportedKey,
  'identity.credentials': ExportedCredential,
  'privacy.consents': ExportedConsent,
  'logging.auditEntries': ExportedAct,
} as const;

/** What each store has, by its id in the registry. */
export const exportedRecords = {
  'delivery.deferred': ExportedMail,
  'delivery.suppressions': ExportedSuppression,
  'logging.messages': ExportedRow,
  'logging.restrictions': ExportedRestriction,
  'identity.people': ExportedAccount,
  'privacy.orders': ExportedOrder,
  ...accountRecords,
} as const;

const { shape } = z.strictObject(exportedRecords);
type Lists<Shape extends z.ZodRawShape> = {
  [Store in keyof Shape]: z.ZodDefault<z.ZodArray<Shape[Store]>>;
};
/** A list that is absent is empty: an export of an earlier release has fewer. */
const lists = Object.fromEntries(
  Object.entries(shape).map(([store, record]) => [store, z.array(record).default([])]),
) as unknown as Lists<typeof shape>;

/** The file `export.json` (GDPR Art. 15, 20). Its JSON Schema is docs/api/person-export.schema.json. */
export const PersonExport = z.strictObject({
  v: z.literal(1),
  /** Id of the request. */
  request: z.string(),
  /** The address of the person. */
  address: z.string(),
  createdAt: Time,
  /** Whether the addresses of other people are masked: they are, unless the customer's owner asked. */
  masked: z.boolean(),
  /** Whether the records of an account are included: the person has asked while signed in. */
  account: z.boolean().default(false),
  data: z.strictObject(lists),
});
export type PersonExport = z.infer<typeof PersonExport>;
