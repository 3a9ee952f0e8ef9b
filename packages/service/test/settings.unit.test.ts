import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, kinds, readConfig, secretSetting, setting } from '../src/index.ts';
import { redacted } from '../src/settings.ts';

const settings = {
  port: setting('PORT', kinds.port),
  retry: setting('RETRY', kinds.duration.prefault('5m')),
  url: secretSetting('URL', z.url()),
};

test('values come from the environment, defaults from the setting', () => {
  const config = readConfig(settings, { PORT: '587', URL: 'amqp://user:word@host/' });
  expect(config.port).toBe(587);
  expect(config.retry).toBe(300_000);
  expect(config.url.reveal()).toBe('amqp://user:word@host/');
});

test('every invalid setting is named at once, with the reason', () => {
  const read = () => readConfig(settings, { PORT: 'x', RETRY: '5', URL: '' });
  expect(read).toThrow(ConfigError);
  try {
    read();
  } catch (error) {
    const { problems } = error as ConfigError;
    expect(problems.map((problem) => problem.setting)).toEqual(['PORT', 'RETRY', 'URL']);
    expect(problems[2]?.reason).toBe('is required');
  }
});

test('a secret cannot be printed by accident', () => {
  const config = readConfig(settings, { PORT: '1', URL: 'amqp://user:word@host/' });
  const shown = [
    String(config.url),
    JSON.stringify(config),
    inspect(config, { depth: 5, showHidden: true }),
    JSON.stringify(redacted(settings, config)),
  ].join('');
  expect(shown).not.toContain('word');
  expect(redacted(settings, config)).toEqual({ PORT: 1, RETRY: 300_000, URL: '[secret]' });
});

test.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['4h', 14_400_000],
  ['7d', 604_800_000],
])('%s is %d milliseconds', (text, milliseconds) => {
  expect(kinds.duration.parse(text)).toBe(milliseconds);
});

test('a duration that no date can hold is refused', () => {
  expect(kinds.duration.safeParse('36500d').success).toBe(true);
  for (const text of ['36501d', '200000000000m', `${'9'.repeat(400)}d`]) {
    expect(kinds.duration.safeParse(text).error?.issues[0]?.message).toBe('must be at most 36500d');
  }
});
