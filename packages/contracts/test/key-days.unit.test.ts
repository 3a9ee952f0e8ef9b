import { expect, test } from 'vitest';
import { exceedingKeys } from '../src/index.ts';

const day = 86_400_000;
const defaults = { mail: 7, events: 8 };

test.each([
  ['ingress', { SPOOL_RETENTION: 7 * day }],
  ['delivery', { EXPIRY: 6 * day }],
  ['logging', { USAGE_LOG_LONGEST: 7 * day }],
  ['privacy', { DEAD_LETTER_RETENTION: 7 * day }],
  ['identity', {}],
] as const)(
  '%s may keep data under the keys of a day until they are destroyed',
  (service, kept) => {
    expect(exceedingKeys(service, kept, defaults)).toEqual([]);
  },
);

test.each([
  ['ingress', 'SPOOL_RETENTION', 7, { mail: 7, events: 9 }, '7d: MAIL_KEY_DAYS of privacy is 7'],
  ['delivery', 'EXPIRY', 6, { mail: 7, events: 8 }, '6d: MAIL_KEY_DAYS of privacy is 7'],
  ['delivery', 'EXPIRY', 6, { mail: 8, events: 7 }, '6d: EVENTS_KEY_DAYS of privacy is 7'],
  ['logging', 'USAGE_LOG_LONGEST', 7, defaults, '7d: EVENTS_KEY_DAYS of privacy is 8'],
  ['privacy', 'DEAD_LETTER_RETENTION', 7, defaults, '7d: EVENTS_KEY_DAYS of privacy is 8'],
  [
    'logging',
    'USAGE_LOG_LONGEST',
    0,
    { mail: 7, events: 1 },
    '0d: EVENTS_KEY_DAYS of privacy is 1',
  ],
] as const)(
  '%s: %s is reported if it is a moment more than %i days',
  (service, setting, days, keys, why) => {
    expect(exceedingKeys(service, { [setting]: days * day + 1 }, keys)).toEqual([
      { setting, reason: `must be at most ${why}` },
    ]);
  },
);

test('a service without a value for its setting is a fault of the program', () => {
  expect(() => exceedingKeys('logging', {}, defaults)).toThrow('USAGE_LOG_LONGEST');
});
