import { internalApis, type KeyDays } from '@mysmtp/contracts';
import { createServiceClient, implement, openApi, problems } from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import { eventually } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followKeyDays } from '../src/follow-key-days.ts';

const day = 86_400_000;
let stack: AsyncDisposableStack;
let answer: KeyDays | undefined;
let lines: Record<string, unknown>[];
let checks: Map<string, () => boolean | Promise<boolean>>;

beforeEach(() => {
  stack = new AsyncDisposableStack();
  lines = [];
  checks = new Map();
});
afterEach(() => stack.disposeAsync());

/** Logging, with a fake privacy that is called again very soon. */
async function follow(kept: Readonly<Record<string, number>>): Promise<() => boolean> {
  const log = createLogger('logging', 'info', {
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  const privacy = stack.adopt(
    await openApi({
      service: 'privacy',
      address: '127.0.0.1',
      port: 0,
      internalPort: 0,
      log: { ...log, error: () => undefined },
      metrics: new Registry(),
      tokens: () => undefined,
      callers: { verify: async () => 'logging' },
      routes: [
        implement(internalApis.keyDays, 'Days of keys', async () => {
          if (answer === undefined) throw problems.unavailable('Not now');
          return answer;
        }),
      ],
    }),
    (open) => open.close(),
  );
  const client = createServiceClient({
    service: 'privacy',
    baseUrl: `http://127.0.0.1:${String(privacy.internalPort)}`,
    tokens: { tokenFor: async () => 'token' },
  });
  const context = {
    name: 'logging',
    config: undefined,
    log,
    clock: Date,
    metrics: new Registry(),
    manage: <T>(resource: T, close: (resource: T) => void | Promise<void>) =>
      stack.adopt(resource, async (owned) => close(owned)),
    readyWhen: (name: string, check: () => boolean | Promise<boolean>) =>
      void checks.set(name, check),
    stopping: new AbortController().signal,
  } as const;
  return followKeyDays(context, client, kept, 20);
}

const isReady = () => checks.get('USAGE_LOG_LONGEST')?.();
const becomes = (agrees: () => boolean, value: boolean) =>
  eventually(() => expect([agrees(), isReady()]).toEqual([value, value]));

test('nothing is kept before privacy has answered how long keys are kept', async () => {
  answer = undefined;
  const agrees = await follow({ USAGE_LOG_LONGEST: 7 * day });
  await eventually(() => expect(lines.map(({ event }) => event)).toContain('config.not_compared'));
  expect([agrees(), isReady()]).toEqual([false, false]);
  answer = { mail: 7, events: 8 };
  await becomes(agrees, true);
});

test('a setting that exceeds the life of keys is reported, also after a later change in privacy', async () => {
  answer = { mail: 7, events: 8 };
  const agrees = await follow({ USAGE_LOG_LONGEST: 7 * day });
  await becomes(agrees, true);
  answer = { mail: 7, events: 7 };
  await becomes(agrees, false);
  expect(lines.find(({ event }) => event === 'config.exceeds_keys')).toMatchObject({
    level: 'error',
    setting: 'USAGE_LOG_LONGEST',
    reason: 'must be at most 6d: EVENTS_KEY_DAYS of privacy is 7',
  });
  answer = { mail: 7, events: 8 };
  await becomes(agrees, true);
});

test('the last answer remains valid while privacy is down', async () => {
  answer = { mail: 7, events: 8 };
  const agrees = await follow({ USAGE_LOG_LONGEST: 7 * day });
  await becomes(agrees, true);
  answer = undefined;
  await eventually(() => expect(lines.map(({ event }) => event)).toContain('config.not_compared'));
  expect([agrees(), isReady()]).toEqual([true, true]);
});
