import { z } from 'zod';
import { CodedError } from './error-codes.ts';
import type { DayPurpose } from './keys.ts';
import type { ServiceName } from './services.ts';
import { day } from './time.ts';

/** For how many days the keys of a UTC day live, by purpose. The day itself is counted: at least 1. */
export type KeyDays = Readonly<Record<DayPurpose, number>>;
export const KeyDays = z.strictObject({
  mail: z.number().int().positive(),
  events: z.number().int().positive(),
} satisfies Record<DayPurpose, z.ZodType>);

/** The settings of privacy that say so. */
export const keyDaysSettings = {
  mail: 'MAIL_KEY_DAYS',
  events: 'EVENTS_KEY_DAYS',
} as const satisfies Record<DayPurpose, string>;

/** A setting of a service that says how long it keeps, or tries with, what lies under a day's key. */
export interface KeptUnderKey {
  readonly service: ServiceName;
  readonly setting: string;
  readonly purpose: DayPurpose;
  /**
   * 1 where the time counts from when something was sealed: what was sealed in the last moment of a
   * day has a day less. 0 where it may end with the key.
   */
  readonly sparedDays: 0 | 1;
}

/** Every one there is. A longer time than the key's would keep what nobody can read any more. */
export const keptUnderKeys: readonly KeptUnderKey[] = [
  { service: 'ingress', setting: 'SPOOL_RETENTION', purpose: 'mail', sparedDays: 0 },
  { service: 'delivery', setting: 'EXPIRY', purpose: 'mail', sparedDays: 1 },
  // What became of a message is sealed under the key of the day on which it was accepted.
  { service: 'delivery', setting: 'EXPIRY', purpose: 'events', sparedDays: 1 },
  { service: 'logging', setting: 'USAGE_LOG_RETENTION', purpose: 'events', sparedDays: 1 },
  { service: 'privacy', setting: 'DEAD_LETTER_RETENTION', purpose: 'events', sparedDays: 1 },
];

/**
 * The settings of a service that exceed the life of keys, and why. `kept`: its settings of
 * `keptUnderKeys`, in milliseconds; throws if one is missing.
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
      throw new CodedError('internal_fault', `${service} does not say its ${setting}`);
    const longest = Math.max(0, days[purpose] - sparedDays);
    if (time <= longest * day) return [];
    const because = `${keyDaysSettings[purpose]} of privacy is ${String(days[purpose])}`;
    return [{ setting, reason: `must be at most ${String(longest)}d: ${because}` }];
  });
}
