import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError } from '@mysmtp/service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyRoots } from '../src/keyring/verify.ts';
import { rotateRoots } from '../src/jobs/rotate-roots.ts';
import { resolveKeys } from '../src/keyring/resolve.ts';
import { activateTenant } from '../src/tenants/activate.ts';
import { day, noon, openBench, type KeyringBench } from './keyring-means.ts';

let bench: KeyringBench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(() => bench.close());

const eventsOf = (root: string) =>
  bench.lines.filter((line) => line.root === root).map((line) => line.event);

/** What the start of the service would say about the vault. */
async function startError(): Promise<unknown> {
  const { log } = bench.process();
  return verifyRoots(bench.model, bench.vault, log).then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('roots are made a day ahead, and each midnight one of each kind more', async () => {
  const means = bench.process();
  await means.roots.currentEpoch();
  await rotateRoots(means);
  const first = ['epoch-000001', 'events-2026-11-24', 'events-2026-11-25', 'mail-2026-11-24'];
  expect(await bench.vault.list()).toEqual([...first, 'mail-2026-11-25']);
  await rotateRoots(means);
  expect((await bench.vault.list()).length).toBe(5);
  bench.now += day;
  await rotateRoots(means);
  expect(await bench.vault.list()).toContain('mail-2026-11-26');
  expect((await bench.vault.list()).length).toBe(7);
  expect(await startError()).toBeUndefined();
});

test('mail of day D dies at 00:00 UTC of D+7 and events at D+8, not a moment before', async () => {
  const means = bench.process();
  await rotateRoots(means);
  bench.now = Date.parse('2026-11-30T23:59:59.999Z');
  await rotateRoots(means);
  expect(bench.announced).toEqual([]);

  bench.now += 1;
  await rotateRoots(means);
  expect(bench.announced).toEqual(['mail:2026-11-24']);
  expect(bench.asked).toEqual(['2026-11-24']);
  expect(await bench.vault.read('mail-2026-11-24')).toBeUndefined();
  expect(await bench.vault.read('events-2026-11-24')).toBeDefined();

  bench.now += day;
  await rotateRoots(means);
  expect(bench.announced.slice(1).sort()).toEqual(['events:2026-11-24', 'mail:2026-11-25']);
  const gone = await bench.model.find({ destroyedAt: { $ne: null } }).sort({ _id: 1 });
  expect(gone.map((root) => root._id)).toEqual([
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
  '%s keeps a mail root, counted and logged, and lets events go',
  async (_what, answer, reason) => {
    const means = bench.process();
    await activateTenant('t1', means);
    await rotateRoots(means);
    bench.undeliveredCount = answer;
    bench.now = noon + 8 * day;
    await rotateRoots(means);
    expect(await bench.vault.list()).toContain('mail-2026-11-24');
    expect(await bench.vault.list()).not.toContain('events-2026-11-24');
    expect(eventsOf('mail-2026-11-24')).toContain('keyring.root_overdue');
    expect(bench.lines.find((line) => line.event === 'keyring.root_overdue')?.reason).toBe(reason);
    // Delivery still needs the key for what it holds.
    const kept = await resolveKeys('t1', ['mail:2026-11-24', 'events:2026-11-24'], means);
    expect(Object.keys(kept.keys)).toEqual(['mail:2026-11-24']);
    expect(kept.destroyed).toEqual(['events:2026-11-24']);

    bench.undeliveredCount = 0;
    await rotateRoots(means);
    expect(await bench.vault.list()).not.toContain('mail-2026-11-24');
  },
);

test('several processes at once make each root once and agree on it', async () => {
  const processes = Array.from({ length: 6 }, () => bench.process());
  const epochs = await Promise.all(processes.map(({ roots }) => roots.currentEpoch()));
  await Promise.all(processes.map(rotateRoots));
  const days = await Promise.all(
    processes.map(({ roots }) => roots.ensureDay('mail', '2026-11-24')),
  );
  for (const same of [epochs, days]) {
    expect(new Set(same.map((root) => root?.secret.export().toString('hex'))).size).toBe(1);
  }
  expect((await bench.vault.list()).length).toBe(5);
  bench.now = noon + 9 * day;
  await Promise.all(processes.map(rotateRoots));
  expect(await startError()).toBeUndefined();
});

test.each([
  [
    'a root that is missing',
    'mail-2026-11-24',
    'is missing',
    () => bench.vault.destroy('mail-2026-11-24'),
  ],
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
    'a root that the database does not know',
    'mail-2027-01-01',
    'is unknown to the database',
    () => bench.vault.create('mail-2027-01-01', randomBytes(32)),
  ],
])('the start is refused with %s, and the log names it', async (_what, root, reason, spoil) => {
  const means = bench.process();
  await means.roots.currentEpoch();
  await rotateRoots(means);
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
  const means = bench.process();
  await activateTenant('t1', means);
  await rotateRoots(means);
  await bench.vault.destroy('mail-2026-11-24');
  await bench.vault.create('mail-2026-11-24', randomBytes(32));
  await expect(resolveKeys('t1', undefined, bench.process())).rejects.toThrow('The vault');
  expect(eventsOf('mail-2026-11-24')).toContain('keyring.root_wrong');
});

test('what an old backup of the vault brings back is destroyed again at the start', async () => {
  const means = bench.process();
  await means.roots.currentEpoch();
  await rotateRoots(means);
  const backup = await mkdtemp(path.join(tmpdir(), 'mysmtp-vault-backup-'));
  await cp(bench.vaultDir, backup, { recursive: true });
  bench.now = noon + 8 * day;
  await rotateRoots(means);
  await cp(backup, bench.vaultDir, { recursive: true });
  expect(await bench.vault.list()).toContain('mail-2026-11-24');

  expect(await startError()).toBeUndefined();
  expect(await bench.vault.list()).not.toContain('mail-2026-11-24');
  expect(eventsOf('mail-2026-11-24')).toContain('keyring.root_destroyed_again');
  await rm(backup, { recursive: true });
});

test('a crash between the steps of making a root is completed, whichever step it was', async () => {
  const means = bench.process();
  await bench.model.create({
    _id: 'mail-2026-11-24',
    kind: 'mail',
    day: '2026-11-24',
    createdAt: new Date(noon),
  });
  expect(await startError()).toBeUndefined();
  await bench.vault.create('mail-2026-11-24', randomBytes(32));
  expect(await startError()).toBeUndefined();
  const root = await means.roots.ensureDay('mail', '2026-11-24');
  expect(root?.secret.export()).toEqual(await bench.vault.read('mail-2026-11-24'));
  expect(await startError()).toBeUndefined();
});

test('a crash between the steps of destroying a root is completed, whichever step it was', async () => {
  const means = bench.process();
  await activateTenant('t1', means);
  await rotateRoots(means);
  bench.now = noon + 7 * day;
  await bench.model.updateOne({ _id: 'mail-2026-11-24' }, { retiredAt: new Date(bench.now) });
  expect(await startError()).toBeUndefined();
  // Retired is as good as gone, although the vault still has it.
  const between = await resolveKeys('t1', ['mail:2026-11-24'], bench.process());
  expect(between.destroyed).toEqual(['mail:2026-11-24']);
  await bench.vault.destroy('mail-2026-11-24');
  expect(await startError()).toBeUndefined();
  expect((await resolveKeys('t1', ['mail:2026-11-24'], bench.process())).destroyed).toEqual([
    'mail:2026-11-24',
  ]);
  // Undelivered mail cannot bring back what is destroyed.
  bench.undeliveredCount = 1;
  await rotateRoots(means);
  expect((await bench.model.findById('mail-2026-11-24'))?.destroyedAt).not.toBeNull();
});
