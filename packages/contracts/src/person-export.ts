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
});

/** An order to the services for an earlier or the present request of the person. */
export const ExportedOrder = z.strictObject({
  id: z.string(),
  kind: z.string(),
  givenAt: Time,
  completedAt: Time.nullable(),
});

/** What each store has, by its id in the registry. */
export const exportedRecords = {
  'delivery.deferred': ExportedMail,
  'delivery.suppressions': ExportedSuppression,
  'logging.messages': ExportedRow,
  'logging.restrictions': ExportedRestriction,
  'identity.people': ExportedAccount,
  'privacy.orders': ExportedOrder,
} as const;

const { shape } = z.strictObject(exportedRecords);
const lists = Object.fromEntries(
  Object.entries(shape).map(([store, record]) => [store, z.array(record)]),
) as { [Store in keyof typeof shape]: z.ZodArray<(typeof shape)[Store]> };

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
  data: z.strictObject(lists),
});
export type PersonExport = z.infer<typeof PersonExport>;
