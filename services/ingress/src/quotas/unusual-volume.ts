import { day } from '@mysmtp/contracts';

/** The recipients of the busiest hour of the UTC day that began at `start`. */
export interface BusiestHour {
  readonly start: number;
  readonly recipients: number;
}

/** What is known of the usual volume of a credential. */
export interface Baseline {
  /** When the first of the days began that it has sent on, without a gap of a week after it. */
  readonly since: number;
  readonly busiest: readonly BusiestHour[];
}

/** How many days count, before the current one. */
export const baselineDays = 7;
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
 * newsletter once a week. Without a whole week before, nothing is unusual: a newsletter once a week may not
 * have been sent yet.
 */
export function isUnusualVolume(
  recipients: number,
  { since, busiest }: Baseline,
  today: number,
): boolean {
  if (recipients < fewRecipients || since > today - baselineDays * day) return false;
  const before = busiest.filter(
    ({ start }) => start < today && start >= today - baselineDays * day,
  );
  if (before.length === 0) return false;
  return recipients > factor * Math.max(...before.map((hour) => hour.recipients));
}
