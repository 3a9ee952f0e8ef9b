import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLogger } from '@mysmtp/log';
import { SignJWT } from 'jose';
import { beforeEach, expect, test } from 'vitest';
import { Problem } from '../src/index.ts';
import { projectedTokens } from '../src/trust/projected.ts';
import { reviewedCallers } from '../src/trust/reviewed.ts';
import type { CallerVerifier } from '../src/trust/trust.ts';

const accounts = 'system:serviceaccount:mail:mysmtp-';
const minute = 60_000;
const start = Date.parse('2026-03-01T12:00:00Z');

let clock: { time: number; now(): number };
/** What the API server is asked, and how it answers. */
let asked: { token: string; audience: string }[];
let answer: (token: string) => Promise<string | undefined>;
let callers: CallerVerifier;

beforeEach(() => {
  clock = { time: start, now: () => clock.time };
  asked = [];
  answer = async () => `${accounts}ingress`;
  callers = reviewedCallers({
    service: 'privacy',
    accounts,
    review(token, audience) {
      asked.push({ token, audience });
      return answer(token);
    },
    clock,
    log: createLogger('privacy', 'error'),
  });
});

/** As the kubelet projects it: who signed it only the API server can tell. */
const tokenOf = (service: string, audience = 'mysmtp-privacy', lasts = 60 * minute) =>
  new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(accounts + service)
    .setAudience([audience])
    .setExpirationTime(new Date(start + lasts))
    .sign(new Uint8Array(32));

test('the API server is asked once a minute who a caller is, for our audience', async () => {
  const token = await tokenOf('ingress');
  const answers = await Promise.all([callers.verify(token), callers.verify(token)]);
  expect(answers).toEqual(['ingress', 'ingress']);
  clock.time += minute - 1;
  expect(await callers.verify(token)).toBe('ingress');
  expect(asked).toEqual([{ token, audience: 'mysmtp-privacy' }]);
  clock.time += 1;
  await callers.verify(token);
  expect(asked).toHaveLength(2);
});

test('who is not one of our services is nobody, whatever the token says of itself', async () => {
  const token = await tokenOf('ingress');
  for (const user of [undefined, 'system:serviceaccount:other:mysmtp-ingress', `${accounts}x`]) {
    answer = async () => user;
    clock.time += minute;
    expect(await callers.verify(token)).toBeUndefined();
  }
});

test('a token for another audience, of another account or past its end is not asked about', async () => {
  const strange = await Promise.all([tokenOf('ingress', 'mysmtp-identity'), tokenOf('other')]);
  for (const token of [...strange, 'no-token', '']) {
    expect(await callers.verify(token)).toBeUndefined();
  }
  const brief = await tokenOf('ingress', 'mysmtp-privacy', 10 * minute);
  expect(await callers.verify(brief)).toBe('ingress');
  clock.time += 10 * minute;
  expect(await callers.verify(brief)).toBeUndefined();
  expect(asked).toHaveLength(1);
});

test('while the API server is away, whom it knew stays known until the token ends', async () => {
  const [known, refused, unknown] = await Promise.all([
    tokenOf('ingress'),
    tokenOf('delivery'),
    tokenOf('logging'),
  ]);
  answer = async (token) => (token === refused ? undefined : `${accounts}ingress`);
  await Promise.all([callers.verify(known), callers.verify(refused)]);
  answer = () => Promise.reject(new Error('connect ECONNREFUSED'));
  for (let minutes = 1; minutes < 60; minutes += 1) {
    clock.time = start + minutes * minute;
    expect(await callers.verify(known)).toBe('ingress');
    expect(await callers.verify(refused)).toBeUndefined();
  }
  await expect(callers.verify(unknown)).rejects.toThrow(Problem);
  await expect(callers.verify(unknown)).rejects.toMatchObject({ status: 503 });
  const before = asked.length;
  await callers.verify(known);
  expect(asked).toHaveLength(before);
  clock.time = start + 60 * minute;
  expect(await callers.verify(known)).toBeUndefined();
});

test('a token comes from the file of its audience, and a renewed one is taken up', async () => {
  await using cleanup = new AsyncDisposableStack();
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-tokens-'));
  cleanup.defer(() => rm(dir, { recursive: true }));
  const tokens = projectedTokens(dir, clock);
  await expect(tokens.tokenFor('privacy')).rejects.toThrow('ENOENT');
  await writeFile(path.join(dir, 'privacy'), 'first\n');
  await writeFile(path.join(dir, 'identity'), 'other');
  expect(await tokens.tokenFor('privacy')).toBe('first');
  expect(await tokens.tokenFor('identity')).toBe('other');
  await writeFile(path.join(dir, 'privacy'), 'second');
  clock.time += 30_001;
  expect(await tokens.tokenFor('privacy')).toBe('second');
});
