import { day } from '@mysmtp/contracts';

/** The recipients of the busiest hour of the UTC day that began at `start`. */
export interface BusiestHour {
  readonly start: number;
  readonly recipients: number;
}

/** How many days count, before the current one. */
const baselineDays = 7;
/** A credential that has not sent for so many days has no baseline yet. */
const firstDays = 3;
/** So many times the busiest hour is unusual, */
const factor = 5;
/** if it is at least so many recipients. */
const fewRecipients = 100;

/** Places for the current day and for those before it that count. */
export const dayPlaces = baselineDays + 1;
export const dayIndexOf = (start: number): number => Math.floor(start / day) % dayPlaces;

/**
 * Whether a credential sends far more in this hour than in its busiest hour of the seven days before `today`
 * (the start of the UTC day). A mean of all hours would be far below a usual hour of an office, or of a
 * newsletter once a week.
 */
export function isUnusualVolume(
  recipients: number,
  busiest: readonly BusiestHour[],
  today: number,
): boolean {
  if (recipients < fewRecipients) return false;
  const before = busiest.filter(
    ({ start }) => start < today && start >= today - baselineDays * day,
  );
  const oldest = Math.min(...before.map(({ start }) => start));
  if (before.length === 0 || oldest > today - firstDays * day) return false;
  return recipients > factor * Math.max(...before.map((hour) => hour.recipients));
}
