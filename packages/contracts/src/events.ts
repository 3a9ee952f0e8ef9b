import { z } from 'zod';
import { growing } from './message.ts';
import { Status } from './status.ts';

/**
 * A reader keeps a state that it does not know as it came: it is the truth, and the next release shows
 * it. The type says less: `isStatus` tells.
 */
const EventStatus = growing(Status, z.string().regex(/^[a-z_]{1,32}$/) as unknown as typeof Status);

/**
 * State of one recipient of one message at one moment, complete in itself: the row of the usage
 * log can be made from the newest of these alone, in whatever order they come.
 */
export const MessageEvent = z.strictObject({
  /** Message id, and the recipient's place in the envelope. */
  id: z.string(),
  n: z.number().int().nonnegative(),
  tenant: z.string(),
  /** Grows with every change of this row; a row never goes back to a smaller one. */
  rev: z.number().int().nonnegative(),
  status: EventStatus,
  /** Milliseconds since the epoch. */
  acceptedAt: z.number().int(),
  nextAttemptAt: z.number().int().nullable(),
  senderIndex: z.string(),
  recipientIndex: z.string(),
  /** Sealed `LogFacts`, base64. */
  facts: z.string(),
  /** Sealed `Attempt`s, oldest first, base64. */
  attempts: z.array(z.string()),
});
export type MessageEvent = z.infer<typeof MessageEvent>;

/** Many events in one broker message: one confirm and one bulk write for all of them. */
export const MessageEvents = z.strictObject({
  v: z.literal(1),
  events: z.array(MessageEvent).min(1),
});
export type MessageEvents = z.infer<typeof MessageEvents>;

/** `rev` of a row's first and last state; the attempts between count 1, 2, 3 … */
export const firstRevision = 0;
export const finalRevision = 1_000_000;

/** Messages whose spooled content nobody needs any more. */
export const SpoolReleased = z.strictObject({ v: z.literal(1), ids: z.array(z.string()).min(1) });
export type SpoolReleased = z.infer<typeof SpoolReleased>;
