import { day, hour } from '@mysmtp/contracts';

/**
 * The same day some months later, and the last day of a month that is too short (GDPR Art. 12(3); Regulation
 * 1182/71 Art. 3(2)(c)). By UTC, at the same time of day, so never later than the law allows.
 */
export function monthsAfter(at: Date, months: number): Date {
  const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months + 1, 0));
  const due = new Date(last);
  due.setUTCDate(Math.min(at.getUTCDate(), last.getUTCDate()));
  return new Date(due.getTime() + (at.getTime() % day));
}

/** One month to answer, and three with an extension. */
export const dueDate = (receivedAt: Date): Date => monthsAfter(receivedAt, 1);
export const extendedDate = (receivedAt: Date): Date => monthsAfter(receivedAt, 3);

/** Our own target for live systems. */
export const ourTarget = 72 * hour;

/** How long the link in a mail is valid. */
export const challengeLifetime = 30 * 60_000;

/**
 * How long a request has been open, for alerts (milliseconds). An extension stops the clock for as long as it
 * extends the period.
 */
export function openTime(
  { receivedAt, dueAt }: { readonly receivedAt: Date; readonly dueAt: Date },
  now: number,
): number {
  const extension = dueAt.getTime() - dueDate(receivedAt).getTime();
  return now - receivedAt.getTime() - extension;
}
