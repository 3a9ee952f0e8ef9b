import { expect, test } from 'vitest';
import { exceedingKeys } from '../src/index.ts';

const day = 86_400_000;
const defaults = { mail: 7, events: 8 };

test.each([
  ['ingress', { SPOOL_RETENTION: 7 * day }],
  ['delivery', { EXPIRY: 6 * day }],
  ['logging', { USAGE_LOG_RETENTION: 7 * day }],
  ['privacy', { DEAD_LETTER_RETENTION: 7 * day }],
  ['identity', {}],
] as const)(
  '%s may keep what lies under the keys of a day for as long as they live',
  (service, kept) => {
    expect(exceedingKeys(service, kept, defaults)).toEqual([]);
  },
);

test.each([
  ['ingress', 'SPOOL_RETENTION', 7, { mail: 7, events: 9 }, '7d: MAIL_KEY_DAYS of privacy is 7'],
  ['delivery', 'EXPIRY', 6, { mail: 7, events: 8 }, '6d: MAIL_KEY_DAYS of privacy is 7'],
  ['delivery', 'EXPIRY', 6, { mail: 8, events: 7 }, '6d: EVENTS_KEY_DAYS of privacy is 7'],
  ['logging', 'USAGE_LOG_RETENTION', 7, defaults, '7d: EVENTS_KEY_DAYS of privacy is 8'],
  ['privacy', 'DEAD_LETTER_RETENTION', 7, defaults, '7d: EVENTS_KEY_DAYS of privacy is 8'],
  [
    'logging',
    'USAGE_LOG_RETENTION',
    0,
    { mail: 7, events: 1 },
    '0d: EVENTS_KEY_DAYS of privacy is 1',
  ],
] as const)(
  '%s: %s of a moment more than %i days is named',
  (service, setting, days, keys, why) => {
    expect(exceedingKeys(service, { [setting]: days * day + 1 }, keys)).toEqual([
      { setting, reason: `must be at most ${why}` },
    ]);
  },
);

test('a service that does not say what it keeps is a mistake of ours', () => {
  expect(() => exceedingKeys('logging', {}, defaults)).toThrow('USAGE_LOG_RETENTION');
});
