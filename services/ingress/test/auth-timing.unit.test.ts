import { createHash, randomUUID } from 'node:crypto';
import type { IdentityChange } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { createPasswords } from '../src/credentials/passwords.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** mulberry32: the same order of samples for the same seed. */
function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Verifies passwords of so many known users, some with a rotated password. */
function openPasswords(count: number) {
  let tell: ((change: IdentityChange) => void) | undefined;
  const projection = {
    isReady: () => true,
    onChange: (listener: (change: IdentityChange, before: undefined) => void) => {
      tell = (change) => listener(change, undefined);
    },
  };
  const passwords = createPasswords(
    projection,
    () => true,
    () => undefined,
    { now: () => 0 },
  );
  const usernames = Array.from({ length: count }, () => `mys_${randomUUID().slice(0, 16)}`);
  for (const [n, username] of usernames.entries()) {
    const secretHash = createHash('sha256').update(randomUUID()).digest('base64url');
    const previous = n % 2 === 0 ? undefined : { secretHash, until: 1 };
    const state = { kind: 'password', tenant: 't', username, secretHash } as const;
    tell?.({
      v: 1,
      entity: 'credential',
      id: username,
      version: 1,
      state: previous === undefined ? state : { ...state, previous },
    });
  }
  return { passwords, usernames };
}

/**
 * Compares medians of samples that are taken in random order, so that a pause of the machine meets both
 * groups alike. The difference of two groups of the same kind shows the noise of this run.
 */
test(`an unknown user takes as long as a wrong password (SEED=${String(seed)})`, () => {
  const random = randomOf(seed);
  const { passwords, usernames } = openPasswords(2_000);
  const unknown = usernames.map((username) => username.split('').toReversed().join(''));
  const pick = (names: readonly string[]) => names[Math.floor(random() * names.length)] ?? '';
  const groups = { known: usernames, unknown, knownAgain: usernames, unknownAgain: unknown };
  const names = Object.keys(groups) as (keyof typeof groups)[];
  const perSample = 50;

  function sample(group: readonly string[]): number {
    const tried = Array.from({ length: perSample }, () => pick(group));
    const start = process.hrtime.bigint();
    for (const username of tried) passwords.verify(username, 'a-wrong-password');
    return Number(process.hrtime.bigint() - start) / perSample;
  }

  function differences() {
    const times = { known: [], unknown: [], knownAgain: [], unknownAgain: [] } as Record<
      keyof typeof groups,
      number[]
    >;
    for (let round = 0; round < 400; round += 1) {
      for (const name of names.toSorted(() => random() - 0.5))
        times[name].push(sample(groups[name]));
    }
    const of = (name: keyof typeof groups) => median(times[name]);
    const noise = Math.max(
      Math.abs(of('known') - of('knownAgain')),
      Math.abs(of('unknown') - of('unknownAgain')),
    );
    return { difference: Math.abs(of('known') - of('unknown')), noise, whole: of('known') };
  }

  differences(); // The compiler optimises both ways first.
  const { difference, noise, whole } = differences();
  // Without the comparison for unknown users, the difference is most of the whole time.
  expect(difference).toBeLessThan(0.2 * whole + 3 * noise);
});
