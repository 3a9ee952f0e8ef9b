import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { builtPlan, wheelPlan } from '../src/servers/mongodb/stand-in-plan.ts';
import { requirementsFile, wheelVersion } from '../src/servers/mongodb/stand-in-wheel.ts';
import type { ServerPlace } from '../src/servers/way.ts';

const place: ServerPlace = {
  dataDir: '/somewhere/mongodb',
  logDir: '/somewhere/log',
  port: () => 27_018,
  adminPassword: 'secret',
  progress: () => undefined,
  step: (_, work) => work(),
  signal: new AbortController().signal,
};

test('every package of the wheel is pinned, with the hashes of its files', async () => {
  const text = (await readFile(requirementsFile, 'utf8')).replaceAll('\\\n', '');
  const entries = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  expect(entries.length).toBeGreaterThan(5);
  for (const entry of entries) {
    expect(entry).toMatch(/^[\w-]+==\d[\w.]*( ; [^#]+?)?(\s+--hash=sha256:[\da-f]{64})+$/);
  }
  expect(wheelVersion(text)).toBe('0.7.0b3');
});

test('both stand-ins require a user, sync each commit, and have a folder of their own', async () => {
  const built = await builtPlan('/no/such/secantusd-rs', place);
  const wheel = wheelPlan('/cache/bin/python', '0.7.0b3', place);
  const storage = ({ programs: [program] }: typeof wheel) =>
    program?.args[program.args.indexOf('--storage-path') + 1];
  for (const { programs, standIn, product } of [built, wheel]) {
    expect(programs[0]?.args).toEqual(expect.arrayContaining(['--auth', '--sync-on-commit']));
    expect(standIn).toBe(true);
    expect(product).toContain('a local stand-in for MongoDB');
  }
  expect(storage(built)).not.toBe(storage(wheel));
  // The wheel does not support these flags and refuses to start with them.
  expect(wheel.programs[0]?.args).not.toContain('--log-file-max');
  expect(wheel.programs[0]?.args).not.toContain('--checkpoint-seconds');
});
