import { z } from 'zod';

/**
 * What can be true of one recipient of a message, named the same in every store, event and API.
 * `cancelled` is an operator's or an erasure's doing, never a failure to deliver.
 */
export const statuses = [
  'accepted',
  'delivered',
  'deferred',
  'held',
  'bounced',
  'expired',
  'cancelled',
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
]);

/** True once nothing more will happen to the message for this recipient. */
export function isFinal(status: Status): boolean {
  return finalStatuses.has(status);
}
