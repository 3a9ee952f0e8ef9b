import {
  day as dayLength,
  dayOf,
  keptDays,
  periodOf,
  type DayPurpose,
  type KeyDays,
} from '@mysmtp/contracts';

/** `epoch` wraps the tenants' master keys; a day root is a part of the keys of its purpose and period. */
export type RootKind = 'epoch' | DayPurpose;

export function dayRootId(purpose: DayPurpose, day: string): string {
  return `${purpose}-${day}`;
}

export function epochRootId(number: number): string {
  return `epoch-${String(number).padStart(6, '0')}`;
}

export function numberOfEpoch(id: string): number {
  return Number(id.slice('epoch-'.length));
}

/**
 * The periods of today and tomorrow, by their first day. Roots are made for them, ahead of time and on
 * demand.
 */
export function openDays(purpose: DayPurpose, now: number): string[] {
  return [...new Set([periodOf(purpose, now), periodOf(purpose, now + dayLength)])];
}

/** True for a day whose keys cannot be needed yet. */
export function isTooFarAhead(day: string, now: number): boolean {
  return day > dayOf(now + dayLength);
}

/** 00:00 UTC of the day on which the keys of `day` are destroyed: `mail` of day D, with 7 days, at D+7. */
export function endOfDayKeys(purpose: DayPurpose, day: string, days: KeyDays): number {
  return Date.parse(`${day}T00:00:00Z`) + keptDays(purpose, days) * dayLength;
}
