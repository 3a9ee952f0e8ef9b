import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLogger } from '@mysmtp/log';
import { SignJWT } from 'jose';
import { beforeEach, expect, test } from 'vitest';
import { Problem } from '../src/index.ts';
import { serviceAccountTokens } from '../src/trust/service-account-tokens.ts';
import { tokenReviewVerifier } from '../src/trust/token-review-verifier.ts';

const accounts = 'system:serviceaccount:mail:mysmtp-';
const minute = 60_000;
const start = Date.parse('2026-03-01T12:00:00Z');

let clock: { time: number; now(): number };
/** The requests to the API server, and its answers. */
let asked: { token: string; audience: string }[];
let answer: (token: string) => Promise<string | undefined>;
let lines: string[];
let verify: (token: string, address?: string) => Promise<string | undefined>;

beforeEach(() => {
  clock = { time: start, now: () => clock.time };
  asked = [];
  answer = async () => `${accounts}ingress`;
  lines = [];
  const callers = tokenReviewVerifier({
    service: 'privacy',
    accounts,
    review(token, audience) {
      asked.push({ token, audience });
      return answer(token);
    },
    clock,
    log: createLogger('privacy', 'warn', { write: (line) => void lines.push(line) }),
  });
  verify = (token, address = '10.0.0.1') => callers.verify(token, address);
});

/** As the kubelet projects it. Only the API server can verify the signature. */
const tokenOf = (service: string, audience = 'mysmtp-privacy', lasts = 60 * minute) =>
  new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(accounts + service)
    .setAudience([audience])
    .setExpirationTime(new Date(start + lasts))
    .sign(new Uint8Array(32));

test('the API server reviews the token of a caller once a minute, for our audience', async () => {
  const token = await tokenOf('ingress');
  const answers = await Promise.all([verify(token), verify(token)]);
  expect(answers).toEqual(['ingress', 'ingress']);
  clock.time += minute - 1;
  expect(await verify(token)).toBe('ingress');
  expect(asked).toEqual([{ token, audience: 'mysmtp-privacy' }]);
  clock.time += 1;
  await verify(token);
  expect(asked).toHaveLength(2);
});

test('an account that is not one of our services is refused, whatever the token claims', async () => {
  const token = await tokenOf('ingress');
  for (const user of [undefined, 'system:serviceaccount:other:mysmtp-ingress', `${accounts}x`]) {
    answer = async () => user;
    clock.time += minute;
    expect(await verify(token)).toBeUndefined();
  }
});

test('a token for another audience, of another account or past its expiry is not reviewed', async () => {
  const strange = await Promise.all([tokenOf('ingress', 'mysmtp-identity'), tokenOf('other')]);
  for (const token of [...strange, 'no-token', '']) {
    expect(await verify(token)).toBeUndefined();
  }
  const brief = await tokenOf('ingress', 'mysmtp-privacy', 10 * minute);
  expect(await verify(brief)).toBe('ingress');
  clock.time += 10 * minute;
  expect(await verify(brief)).toBeUndefined();
  expect(asked).toHaveLength(1);
});

test('if the API server is unreachable, a known caller stays known until the token expires', async () => {
  const [known, refused, unknown] = await Promise.all([
    tokenOf('ingress'),
    tokenOf('delivery'),
    tokenOf('logging'),
  ]);
  answer = async (token) => (token === refused ? undefined : `${accounts}ingress`);
  await Promise.all([verify(known), verify(refused)]);
  answer = () => Promise.reject(new Error('connect ECONNREFUSED'));
  // A refusal is cached for ten seconds. After that the result is unknown.
  clock.time = start + 10_000;
  expect(await verify(refused)).toBeUndefined();
  for (let minutes = 1; minutes < 60; minutes += 1) {
    clock.time = start + minutes * minute;
    expect(await verify(known)).toBe('ingress');
    await expect(verify(refused)).rejects.toMatchObject({ status: 503 });
  }
  await expect(verify(unknown)).rejects.toThrow(Problem);
  await expect(verify(unknown)).rejects.toMatchObject({ status: 503 });
  const before = asked.length;
  await verify(known);
  expect(asked).toHaveLength(before);
  clock.time = start + 60 * minute;
  expect(await verify(known)).toBeUndefined();
});

test('a token that claims a lifetime of more than two hours is refused', async () => {
  const [longest, tooLong, endless] = await Promise.all([
    tokenOf('ingress', 'mysmtp-privacy', 120 * minute),
    tokenOf('ingress', 'mysmtp-privacy', 120 * minute + 1_000),
    tokenOf('ingress', 'mysmtp-privacy', Date.parse('9999-12-31T23:59:59Z') - start),
  ]);
  expect(await verify(longest)).toBe('ingress');
  expect(await verify(tooLong)).toBeUndefined();
  expect(await verify(endless)).toBeUndefined();
  expect(asked).toHaveLength(1);
});

test('a refusal is reviewed again after ten seconds, whatever expiry the token claims', async () => {
  const token = await tokenOf('ingress', 'mysmtp-privacy', 119 * minute);
  answer = async () => undefined;
  expect(await verify(token)).toBeUndefined();
  clock.time += 10_000;
  expect(await verify(token)).toBeUndefined();
  expect(asked).toHaveLength(1);
  clock.time += 1;
  answer = async () => `${accounts}ingress`;
  expect(await verify(token)).toBe('ingress');
});

test("an attacker's tokens cause ten reviews in ten seconds, and callers are not affected", async () => {
  const [known, renewed] = await Promise.all([
    tokenOf('ingress'),
    tokenOf('ingress', 'mysmtp-privacy', 61 * minute),
  ]);
  answer = async (token) =>
    token === known || token === renewed ? `${accounts}ingress` : undefined;
  expect(await verify(known)).toBe('ingress');
  clock.time += minute;
  asked = [];
  const refusals = await flood(2_000, () => '10.0.0.66');
  expect(asked).toHaveLength(10);
  expect(refusals).toEqual({ unauthenticated: 10, unavailable: 1_990 });
  // The caller's token is due for a review, and a pod has a new token.
  expect(await verify(known)).toBe('ingress');
  expect(await verify(renewed)).toBe('ingress');
  expect(lines.filter((line) => line.includes('callers.reviews_limited'))).toHaveLength(1);
  clock.time += 10_001;
  asked = [];
  await flood(20, () => '10.0.0.66', 2_000);
  expect(asked).toHaveLength(10);
});

test('attackers with many addresses cause a hundred reviews, and known callers stay known', async () => {
  const known = await tokenOf('ingress');
  answer = async (token) => (token === known ? `${accounts}ingress` : undefined);
  expect(await verify(known)).toBe('ingress');
  clock.time += minute;
  asked = [];
  await flood(2_000, (index) => `10.0.${String(index % 200)}.66`);
  expect(asked).toHaveLength(100);
  expect(await verify(known)).toBe('ingress');
});

/** Different forged tokens, as an attacker would make them with our names; each is used once. */
async function flood(count: number, addressOf: (index: number) => string, first = 0) {
  const refusals = { unauthenticated: 0, unavailable: 0 };
  for (let index = first; index < first + count; index += 1) {
    const claims = {
      sub: `${accounts}ingress`,
      aud: 'mysmtp-privacy',
      exp: start / 1_000 + 3_600,
      jti: index,
    };
    const token = ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'AA'].join(
      '.',
    );
    try {
      expect(await verify(token, addressOf(index))).toBeUndefined();
      refusals.unauthenticated += 1;
    } catch (error) {
      expect(error).toMatchObject({ status: 503 });
      refusals.unavailable += 1;
    }
  }
  return refusals;
}

test('a token is read from the file of its audience, and a renewed one is used', async () => {
  await using cleanup = new AsyncDisposableStack();
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-tokens-'));
  cleanup.defer(() => rm(dir, { recursive: true }));
  const tokens = serviceAccountTokens(dir, clock);
  await expect(tokens.tokenFor('privacy')).rejects.toThrow('ENOENT');
  await writeFile(path.join(dir, 'privacy'), 'first\n');
  await writeFile(path.join(dir, 'identity'), 'other');
  expect(await tokens.tokenFor('privacy')).toBe('first');
  expect(await tokens.tokenFor('identity')).toBe('other');
  await writeFile(path.join(dir, 'privacy'), 'second');
  clock.time += 30_001;
  expect(await tokens.tokenFor('privacy')).toBe('second');
});
