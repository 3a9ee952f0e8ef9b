import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError, databaseTime } from '@mysmtp/service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyRoots } from '../src/keyring/verify.ts';
import { rotateRoots } from '../src/jobs/rotate-roots.ts';
import { prepareDayRoots } from '../src/keyring/day-roots.ts';
import { resolveKeys } from '../src/tenants/resolve.ts';
import { activateTenant } from '../src/tenants/activate.ts';
import { day, minute, noon, openBench, type KeyringBench } from './keyring-deps.ts';

let bench: KeyringBench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(() => bench.close());

const eventsOf = (root: string) =>
  bench.lines.filter((line) => line.root === root).map((line) => line.event);

/** The start's error about the vault. */
async function startError(): Promise<unknown> {
  const { log } = bench.process();
  return verifyRoots(bench.model, bench.vault, log).then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('roots are made a day ahead, and one more of each kind every midnight', async () => {
  const deps = bench.process();
  await deps.roots.currentEpoch();
  await rotateRoots(deps);
  const first = ['client', 'events', 'mail'].flatMap((kind) => [
    `${kind}-2026-11-24`,
    `${kind}-2026-11-25`,
  ]);
  const months = ['audit-2026-11-01', 'security-2026-11-01'];
  const all = ['epoch-000001', ...first, ...months].toSorted();
  expect(await bench.vault.list()).toEqual(all);
  await rotateRoots(deps);
  expect((await bench.vault.list()).length).toBe(all.length);
  bench.now += day;
  await rotateRoots(deps);
  expect(await bench.vault.list()).toContain('mail-2026-11-26');
  expect((await bench.vault.list()).length).toBe(all.length + 3);
  expect(await startError()).toBeUndefined();
});

test('mail keys of day D are destroyed at 00:00 UTC of D+7 and events keys at D+8, not a moment before', async () => {
  const deps = bench.process();
  await rotateRoots(deps);
  await bench.passTo(Date.parse('2026-11-30T22:00:00.000Z'));
  await rotateRoots(deps);
  bench.now = Date.parse('2026-11-30T23:59:59.999Z');
  await rotateRoots(deps);
  expect(bench.announced).toEqual([]);

  bench.now += 1;
  await rotateRoots(deps);
  expect(bench.announced).toEqual(['mail:2026-11-24']);
  expect(bench.asked).toEqual(['2026-11-24']);
  expect(await bench.vault.read('mail-2026-11-24')).toBeUndefined();
  expect(await bench.vault.read('events-2026-11-24')).toBeDefined();

  bench.now += day;
  await rotateRoots(deps);
  expect(bench.announced.slice(1).sort()).toEqual([
    'client:2026-11-24',
    'events:2026-11-24',
    'mail:2026-11-25',
  ]);
  const gone = await bench.model.find({ destroyedAt: { $ne: null } }).sort({ _id: 1 });
  expect(gone.map((root) => root._id)).toEqual([
    'client-2026-11-24',
    'events-2026-11-24',
    'mail-2026-11-24',
    'mail-2026-11-25',
  ]);
  expect(await startError()).toBeUndefined();
});

test.each([
  ['undelivered mail', 3, 'undelivered_mail'],
  ['a delivery that does not answer', new Error('no answer'), 'delivery_does_not_answer'],
])(
  '%s keeps a mail root, counted and logged, and no events root',
  async (_what, answer, reason) => {
    const deps = bench.process();
    await activateTenant('t1', deps);
    await rotateRoots(deps);
    bench.undeliveredCount = answer;
    await bench.passTo(noon + 8 * day);
    await rotateRoots(deps);
    expect(await bench.vault.list()).toContain('mail-2026-11-24');
    expect(await bench.vault.list()).not.toContain('events-2026-11-24');
    expect(eventsOf('mail-2026-11-24')).toContain('keyring.root_overdue');
    expect(bench.lines.find((line) => line.event === 'keyring.root_overdue')?.reason).toBe(reason);
    // Delivery still needs the key for the mail that it holds.
    const kept = await resolveKeys('t1', ['mail:2026-11-24', 'events:2026-11-24'], deps);
    expect(Object.keys(kept.keys)).toEqual(['mail:2026-11-24']);
    expect(kept.destroyed).toEqual(['events:2026-11-24']);

    bench.undeliveredCount = 0;
    await rotateRoots(deps);
    expect(await bench.vault.list()).not.toContain('mail-2026-11-24');
  },
);

/** A keyring with the roots of twelve days, none of them due. */
async function twelveDays() {
  const deps = bench.process();
  await activateTenant('t1', deps);
  for (const _id of Array.from({ length: 12 }, (_, index) => index)) {
    bench.now = noon + _id * day;
    await prepareDayRoots(deps);
  }
  bench.now = noon;
  return deps;
}

test.each([
  ['a month ahead', 30 * day],
  ['some minutes ahead', 5 * minute + 1],
  ['some minutes behind', -5 * minute - 1],
])(
  "a clock that is %s of the database's destroys nothing, and this is reported until it is right",
  async (_what, ahead) => {
    const deps = await twelveDays();
    await bench.passTo(noon + 11 * day);
    bench.databaseNow = bench.now;
    bench.now += ahead;
    const before = await bench.vault.list();
    await rotateRoots(deps);
    expect(await bench.vault.list()).toEqual(expect.arrayContaining(before));
    expect(bench.announced).toEqual([]);
    expect(bench.lines.find(({ event }) => event === 'keyring.clock_doubted')).toMatchObject({
      level: 'error',
      reason: 'clock_differs_from_database',
      milliseconds: ahead,
    });
    expect(eventsOf('mail-2026-11-24')).toContain('keyring.root_overdue');
    expect(await bench.metric('mysmtp_keyring_clock_doubted')).toBe(1);
    expect(await bench.metric('mysmtp_keyring_overdue_roots')).toBeGreaterThan(0);
    // The caller must not get "destroyed" for the key.
    await expect(resolveKeys('t1', ['events:2026-11-24'], deps)).rejects.toThrow('It is uncertain');

    bench.now = bench.databaseNow;
    await rotateRoots(deps);
    expect(await bench.metric('mysmtp_keyring_clock_doubted')).toBe(0);
    expect(bench.announced).toContain('mail:2026-11-24');
  },
);

test('the database reports its time', async () => {
  const before = Date.now();
  const time = await databaseTime(bench.connection);
  expect(time).toBeGreaterThanOrEqual(before - 1_000);
  expect(time).toBeLessThanOrEqual(Date.now() + 1_000);
});

test('clocks that jump together destroy nothing for an hour, and the true time destroys nothing at all', async () => {
  const deps = bench.process();
  await activateTenant('t1', deps);
  await bench.passTo(noon);
  await rotateRoots(deps);
  // The database runs on the same machine.
  bench.now = noon + 30 * day;
  const before = await bench.vault.list();
  await rotateRoots(deps);
  bench.now += 60 * minute - 1;
  await rotateRoots(deps);
  expect(await bench.vault.list()).toEqual(expect.arrayContaining(before));
  expect(bench.announced).toEqual([]);
  expect(bench.lines.find(({ event }) => event === 'keyring.clock_doubted')?.reason).toBe(
    'days_passed_unseen',
  );
  await expect(resolveKeys('t1', ['events:2026-11-24'], deps)).rejects.toThrow('It is uncertain');

  bench.now = noon + minute;
  await rotateRoots(deps);
  expect(await bench.metric('mysmtp_keyring_clock_doubted')).toBe(0);
  expect(bench.announced).toEqual([]);
});

test('after days without privacy due roots are destroyed when an hour is over, two of each kind in a run', async () => {
  const deps = await twelveDays();
  bench.now = noon + 30 * day;
  await rotateRoots(deps);
  expect(bench.announced).toEqual([]);
  bench.now += 60 * minute;
  await rotateRoots(deps);
  expect(bench.announced.toSorted()).toEqual([
    'client:2026-11-24',
    'client:2026-11-25',
    'events:2026-11-24',
    'events:2026-11-25',
    'mail:2026-11-24',
    'mail:2026-11-25',
  ]);
  await rotateRoots(deps);
  expect(bench.announced).toHaveLength(12);
  expect((await resolveKeys('t1', ['events:2026-12-01'], deps)).destroyed).toEqual([
    'events:2026-12-01',
  ]);
});

test('several concurrent processes make each root once and agree on it', async () => {
  const processes = Array.from({ length: 6 }, () => bench.process());
  const epochs = await Promise.all(processes.map(({ roots }) => roots.currentEpoch()));
  await Promise.all(processes.map(rotateRoots));
  const days = await Promise.all(
    processes.map(({ roots }) => roots.ensureDay('mail', '2026-11-24')),
  );
  for (const same of [epochs, days]) {
    expect(new Set(same.map((root) => root?.secret.export().toString('hex'))).size).toBe(1);
  }
  expect((await bench.vault.list()).length).toBe(9);
  await bench.passTo(noon + 9 * day);
  await Promise.all(processes.map(rotateRoots));
  expect(await startError()).toBeUndefined();
});

test.each([
  ['a missing root', 'mail-2026-11-24', 'is missing', () => bench.vault.destroy('mail-2026-11-24')],
  [
    'another root under the same name',
    'epoch-000001',
    'is not the one the data was made with',
    async () => {
      await bench.vault.destroy('epoch-000001');
      await bench.vault.create('epoch-000001', randomBytes(32));
    },
  ],
  [
    'a root that is unknown to the database',
    'mail-2027-01-01',
    'is unknown to the database',
    () => bench.vault.create('mail-2027-01-01', randomBytes(32)),
  ],
])('the start is refused with %s, and the log names it', async (_what, root, reason, spoil) => {
  const deps = bench.process();
  await deps.roots.currentEpoch();
  await rotateRoots(deps);
  await spoil();
  const error = await startError();
  expect(error).toBeInstanceOf(ConfigError);
  const { problems } = error as ConfigError;
  expect(problems.length).toBe(1);
  expect(problems[0]?.setting).toBe('VAULT_DIR');
  expect(problems[0]?.reason).toContain(`root ${root} ${reason}`);
  expect(eventsOf(root)).toContain('keyring.root_refused');
  expect(JSON.stringify(bench.lines)).not.toContain('secret');
});

test('a wrong root that appears while the service runs opens and seals nothing', async () => {
  const deps = bench.process();
  await activateTenant('t1', deps);
  await rotateRoots(deps);
  await bench.vault.destroy('mail-2026-11-24');
  await bench.vault.create('mail-2026-11-24', randomBytes(32));
  await expect(resolveKeys('t1', undefined, bench.process())).rejects.toThrow(
    'in the vault is missing',
  );
  expect(eventsOf('mail-2026-11-24')).toContain('keyring.root_wrong');
});

test('a destroyed root that an old backup of the vault restores is destroyed again at start', async () => {
  const deps = bench.process();
  await deps.roots.currentEpoch();
  await rotateRoots(deps);
  const backup = await mkdtemp(path.join(tmpdir(), 'mysmtp-vault-backup-'));
  await cp(bench.vaultDir, backup, { recursive: true });
  await bench.passTo(noon + 8 * day);
  await rotateRoots(deps);
  await cp(backup, bench.vaultDir, { recursive: true });
  expect(await bench.vault.list()).toContain('mail-2026-11-24');

  expect(await startError()).toBeUndefined();
  expect(await bench.vault.list()).not.toContain('mail-2026-11-24');
  expect(eventsOf('mail-2026-11-24')).toContain('keyring.root_destroyed_again');
  await rm(backup, { recursive: true });
});

test('a crash after any step of making a root is completed', async () => {
  const deps = bench.process();
  await bench.model.create({
    _id: 'mail-2026-11-24',
    kind: 'mail',
    day: '2026-11-24',
    createdAt: new Date(noon),
  });
  expect(await startError()).toBeUndefined();
  await bench.vault.create('mail-2026-11-24', randomBytes(32));
  expect(await startError()).toBeUndefined();
  const root = await deps.roots.ensureDay('mail', '2026-11-24');
  expect(root?.secret.export()).toEqual(await bench.vault.read('mail-2026-11-24'));
  expect(await startError()).toBeUndefined();
});

test('a crash after any step of destroying a root is completed', async () => {
  const deps = bench.process();
  await activateTenant('t1', deps);
  await rotateRoots(deps);
  bench.now = noon + 7 * day;
  await bench.model.updateOne({ _id: 'mail-2026-11-24' }, { retiredAt: new Date(bench.now) });
  expect(await startError()).toBeUndefined();
  // A retired root is not used, although the vault still has it.
  const between = await resolveKeys('t1', ['mail:2026-11-24'], bench.process());
  expect(between.destroyed).toEqual(['mail:2026-11-24']);
  await bench.vault.destroy('mail-2026-11-24');
  expect(await startError()).toBeUndefined();
  expect((await resolveKeys('t1', ['mail:2026-11-24'], bench.process())).destroyed).toEqual([
    'mail:2026-11-24',
  ]);
  // Undelivered mail cannot restore a destroyed root.
  bench.undeliveredCount = 1;
  await rotateRoots(deps);
  expect((await bench.model.findById('mail-2026-11-24'))?.destroyedAt).not.toBeNull();
});

test('a month has one root, which is made the day before', async () => {
  const deps = bench.process();
  bench.now = Date.parse('2026-11-30T12:00:00Z');
  await rotateRoots(deps);
  expect(await bench.vault.list()).toContain('audit-2026-12-01');
  await bench.passTo(Date.parse('2026-12-02T12:00:00Z'));
  expect(await bench.vault.read('security-2026-12-01')).toBeDefined();
  expect((await bench.model.find({ kind: 'security' })).length).toBe(2);
});
