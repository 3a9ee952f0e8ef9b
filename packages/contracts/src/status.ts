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
