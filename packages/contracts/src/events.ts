import { z } from 'zod';
import { growing } from './message.ts';
import { ReplyClass, Status } from './status.ts';

/**
 * A reader passes on an unknown state unchanged, because the next release can display it. The type does
 * not include it: `isStatus` checks that.
 */
const EventStatus = growing(Status, z.string().regex(/^[a-z_]{1,32}$/) as unknown as typeof Status);

/**
 * State of one recipient of one message at one moment, complete in itself. The row of the usage log can
 * be made from the newest event alone, in any order of arrival.
 */
export const MessageEvent = z.strictObject({
  /** Message id, and the position of the recipient in the envelope. */
  id: z.string(),
  n: z.number().int().nonnegative(),
  tenant: z.string(),
  /** Grows with every change of this row. A row is never replaced by one with a smaller `rev`. */
  rev: z.number().int().nonnegative(),
  status: EventStatus,
  /** Milliseconds since the epoch. */
  acceptedAt: z.number().int(),
  nextAttemptAt: z.number().int().nullable(),
  senderIndex: z.string(),
  recipientIndex: z.string(),
  // The release before writes none of these six.
  /** Blind indexes of the domains. Absent for the null reverse-path. */
  senderDomainIndex: z.string().exactOptional(),
  recipientDomainIndex: z.string().exactOptional(),
  /** Blind indexes of the tags, if there are any. */
  tagIndexes: z.array(z.string()).min(1).exactOptional(),
  /** Id of the credential that submitted the message, if a client did. */
  credential: z.string().exactOptional(),
  /** Absent if no server has answered yet. */
  lastReply: ReplyClass.exactOptional(),
  /** A large public provider by name, or `other`. Absent if no site was tried. */
  siteClass: z
    .string()
    .regex(/^[a-z_]{1,32}$/)
    .exactOptional(),
  /** Sealed `UsageDetails`, base64. */
  details: z.string(),
  /** Sealed `Attempt`s, oldest first, base64. */
  attempts: z.array(z.string()),
});
export type MessageEvent = z.infer<typeof MessageEvent>;

/** Many events in one broker message, so that all of them need one confirm and one bulk write. */
export const MessageEvents = z.strictObject({
  v: z.literal(1),
  events: z.array(MessageEvent).min(1),
});
export type MessageEvents = z.infer<typeof MessageEvents>;

/**
 * Names the row of one recipient in the usage log. A message id starts with the time of acceptance (UUIDv7). So
 * the order of row ids is the order of acceptance, and one index serves both.
 */
export function rowIdOf(message: string, n: number): string {
  return `${message}:${String(n)}`;
}

/** Rows of which delivery has published a state. Nobody needs to publish their first state any more. */
export const RowsPublished = z.strictObject({ v: z.literal(1), rows: z.array(z.string()).min(1) });
export type RowsPublished = z.infer<typeof RowsPublished>;

/** `rev` of a row's first and last state; the attempts in between have 1, 2, 3 … */
export const firstRevision = 0;
export const finalRevision = 1_000_000;

/** How many recipients of a credential became final since the last such message of a process of delivery. */
export const CredentialOutcomes = z.strictObject({
  v: z.literal(1),
  outcomes: z
    .array(
      z.strictObject({
        tenant: z.string(),
        credential: z.string(),
        delivered: z.number().int().nonnegative(),
        bounced: z.number().int().nonnegative(),
      }),
    )
    .min(1),
});
export type CredentialOutcomes = z.infer<typeof CredentialOutcomes>;

/** Messages whose spooled content is no longer needed. */
export const SpoolReleased = z.strictObject({ v: z.literal(1), ids: z.array(z.string()).min(1) });
export type SpoolReleased = z.infer<typeof SpoolReleased>;
