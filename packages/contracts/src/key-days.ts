import { z } from 'zod';
import { CodedError } from './error-codes.ts';
import type { DayPurpose } from './keys.ts';
import type { ServiceName } from './services.ts';
import { day } from './time.ts';

/**
 * For how many days the keys of a UTC day are kept, by purpose. The day itself is counted, so at least 1.
 */
export type KeyDays = Readonly<Record<DayPurpose, number>>;
export const KeyDays = z.strictObject({
  mail: z.number().int().positive(),
  events: z.number().int().positive(),
} satisfies Record<DayPurpose, z.ZodType>);

/** The settings of privacy for these numbers. */
export const keyDaysSettings = {
  mail: 'MAIL_KEY_DAYS',
  events: 'EVENTS_KEY_DAYS',
} as const satisfies Record<DayPurpose, string>;

/** A setting of a service for how long it keeps, or retries with, data under a day's key. */
export interface KeptUnderKey {
  readonly service: ServiceName;
  readonly setting: string;
  readonly purpose: DayPurpose;
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
  { service: 'logging', setting: 'USAGE_LOG_RETENTION', purpose: 'events', sparedDays: 1 },
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
