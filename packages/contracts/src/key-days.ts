import { z } from 'zod';
import { CodedError } from './error-codes.ts';
import { isMonthly, type DayPurpose } from './keys.ts';
import type { ServiceName } from './services.ts';
import { day } from './time.ts';

/** The purposes for which an operator sets how long keys are kept. */
type SettablePurpose = Extract<DayPurpose, 'mail' | 'events'>;

/**
 * For how many days the keys of a UTC day are kept, by purpose. The day itself is counted, so at least 1.
 */
export type KeyDays = Readonly<Record<SettablePurpose, number>>;
export const KeyDays = z.strictObject({
  mail: z.number().int().positive(),
  events: z.number().int().positive(),
} satisfies Record<SettablePurpose, z.ZodType>);

/** What cannot be set. In days after the end of the period of a key. */
export const securityRetention = { client: 7, security: 183, audit: 366 } as const satisfies Record<
  Exclude<DayPurpose, SettablePurpose>,
  number
>;

const longestMonth = 31;

/** For how many days a key is kept, counted from the first day of its period. */
export function keptDays(purpose: DayPurpose, days: KeyDays): number {
  if (purpose === 'mail' || purpose === 'events') return days[purpose];
  return securityRetention[purpose] + (isMonthly(purpose) ? longestMonth : 1);
}

/** The settings of privacy for these numbers. */
export const keyDaysSettings = {
  mail: 'MAIL_KEY_DAYS',
  events: 'EVENTS_KEY_DAYS',
} as const satisfies Record<SettablePurpose, string>;

/** A setting of a service for how long it keeps, or retries with, data under a day's key. */
export interface KeptUnderKey {
  readonly service: ServiceName;
  readonly setting: string;
  readonly purpose: SettablePurpose;
  /**
   * 1 if the time counts from sealing: data that was sealed at the end of a day has a day less. 0 if it
   * may end with the key.
   */
  readonly sparedDays: 0 | 1;
}

/** All of them. Data that is kept for longer than its key could not be read any more. */
export const keptUnderKeys: readonly KeptUnderKey[] = [
  { service: 'ingress', setting: 'SPOOL_RETENTION', purpose: 'mail', sparedDays: 0 },
  { service: 'delivery', setting: 'EXPIRY', purpose: 'mail', sparedDays: 1 },
  // The outcome of a message is sealed under the key of its day of acceptance.
  { service: 'delivery', setting: 'EXPIRY', purpose: 'events', sparedDays: 1 },
  { service: 'logging', setting: 'USAGE_LOG_LONGEST', purpose: 'events', sparedDays: 1 },
  { service: 'privacy', setting: 'DEAD_LETTER_RETENTION', purpose: 'events', sparedDays: 1 },
];

/**
 * The settings of a service that exceed the life of keys, and why. `kept`: its settings of
 * `keptUnderKeys`, in milliseconds. Throws if one is missing.
 */
export function exceedingKeys(
  service: ServiceName,
  kept: Readonly<Record<string, number>>,
  days: KeyDays,
): { setting: string; reason: string }[] {
  const rules = keptUnderKeys.filter((rule) => rule.service === service);
  return rules.flatMap(({ setting, purpose, sparedDays }) => {
    const time = kept[setting];
    if (time === undefined)
      throw new CodedError('internal_fault', `${service} has no value for ${setting}`);
    const longest = Math.max(0, days[purpose] - sparedDays);
    if (time <= longest * day) return [];
    const because = `${keyDaysSettings[purpose]} of privacy is ${String(days[purpose])}`;
    return [{ setting, reason: `must be at most ${String(longest)}d: ${because}` }];
  });
}
