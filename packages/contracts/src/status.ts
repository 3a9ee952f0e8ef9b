import { z } from 'zod';

/**
 * States of one recipient of a message, with the same names in every store, event and API. `cancelled` is
 * caused by an operator or an erasure, never by a failed delivery. `sandboxed`: accepted from a credential
 * whose mail is never delivered.
 */
export const statuses = [
  'accepted',
  'delivered',
  'deferred',
  'held',
  'bounced',
  'expired',
  'cancelled',
  'sandboxed',
] as const;

export const Status = z.enum(statuses);
export type Status = z.infer<typeof Status>;

/**
 * The class of the last reply about a recipient (RFC 5321 4.2.1). `none`: no server has answered, because none
 * was tried or none was reached.
 */
export const replyClasses = ['2xx', '4xx', '5xx', 'none'] as const;

export const ReplyClass = z.enum(replyClasses);
export type ReplyClass = z.infer<typeof ReplyClass>;

/** False for a state of a newer release. */
export const isStatus = (word: string): word is Status => Status.safeParse(word).success;

const finalStatuses: ReadonlySet<Status> = new Set([
  'delivered',
  'bounced',
  'expired',
  'cancelled',
  'sandboxed',
]);

/** True once the state for this recipient cannot change any more. */
export function isFinal(status: Status): boolean {
  return finalStatuses.has(status);
}
