import { fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { z } from 'zod';
import { ConfigError, kinds, readConfig, secretSetting, setting } from '../src/index.ts';

const lengths = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const unit = fc.constantFrom('ms', 's', 'm', 'h', 'd');

fuzz('a duration is its number times its unit', [fc.nat({ max: 36_500 }), unit], (number, unit) => {
  expect(kinds.duration.parse(`${String(number)}${unit}`)).toBe(number * lengths[unit]);
});

const text = fc.oneof(
  fc.string(),
  fc
    .tuple(fc.stringMatching(/^[0-9]{1,40}$/), fc.oneof(unit, fc.string({ maxLength: 2 })))
    .map((p) => p.join('')),
  fc.constantFrom('0x10', '1e3', ' 25 ', '25.0', '-1', '+1', 'Infinity', 'NaN', '1_000', '٣'),
);

fuzz(
  'any text gives a duration that a clock can add, or is refused',
  [text],
  (text) => {
    const { data } = kinds.duration.safeParse(text);
    if (data === undefined) return;
    expect(data).toSatisfy(Number.isSafeInteger);
    expect(Number.isNaN(new Date(Date.now() + data).getTime())).toBe(false);
    expect(Number.isNaN(new Date(Date.now() - data).getTime())).toBe(false);
  },
  1_000,
);

fuzz('a count or a port is a whole number in its bounds, or is refused', [text], (text) => {
  const count = kinds.count.safeParse(text).data;
  if (count !== undefined) expect(count >= 1 && Number.isSafeInteger(count)).toBe(true);
  const port = kinds.port.safeParse(text).data;
  if (port !== undefined) expect(port >= 1 && port <= 65_535 && Number.isInteger(port)).toBe(true);
});

const settings = {
  wait: setting('WAIT', kinds.duration),
  count: setting('COUNT', kinds.count),
  key: secretSetting('KEY', z.url()),
};

fuzz(
  'invalid configuration is refused by the name of the setting, without the secret',
  [text, text, fc.string({ minLength: 8 })],
  (wait, count, key) => {
    try {
      const config = readConfig(settings, { WAIT: wait, COUNT: count, KEY: key });
      expect(JSON.stringify(config)).not.toContain(JSON.stringify(key).slice(1, -1));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const names = error.problems.map((problem) => problem.setting);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) expect(['WAIT', 'COUNT', 'KEY']).toContain(name);
      expect(error.message).not.toContain(key);
    }
  },
);
