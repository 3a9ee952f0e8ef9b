import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Program } from '../src/processes/program.ts';
import { StartError, supervise, type Supervised } from '../src/processes/supervisor.ts';
import { endLeftovers, noteProcesses, startOf } from '../src/stack/leftovers.ts';
import { lock, LockedError } from '../src/stack/lock.ts';

let dir: string;
const started: Supervised[] = [];

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-supervisor-'));
});
afterEach(async () => {
  for (const process of started.splice(0)) await process.stop();
  await rm(dir, { recursive: true });
});

function program(script: string, more: Partial<Program> = {}): Supervised {
  const supervised = supervise({
    name: 'test',
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: '/usr/bin:/bin' },
    logFile: path.join(dir, 'test.log'),
    isReady: async () => true,
    startTimeout: 2_000,
    stopTimeout: 500,
    stopSignal: 'SIGTERM',
    ...more,
  });
  started.push(supervised);
  supervised.start();
  return supervised;
}

test('a killed process is started again', async () => {
  const process = program('exec sleep 60');
  await process.ready();
  const first = process.pid();
  process.kill('SIGKILL');
  await eventually(() => {
    expect(process.pid()).toBeDefined();
    expect(process.pid()).not.toBe(first);
  });
});

test('a process that ends at once is started again with growing pauses', async () => {
  const since = performance.now();
  program('echo started; exit 1');
  await eventually(async () => {
    const starts = (await readFile(path.join(dir, 'test.log'), 'utf8')).trim().split('\n').length;
    expect(starts).toBeGreaterThanOrEqual(4);
  });
  // The pauses are 100, 200 and 400 milliseconds.
  expect(performance.now() - since).toBeGreaterThan(690);
});

test('a process that does not stop is killed', async () => {
  const process = program('trap "" TERM; while :; do sleep 0.1; done');
  await process.ready();
  const pid = process.pid() ?? 0;
  await process.stop();
  expect(await startOf(pid)).toBeUndefined();
});

test('a process that does not become ready is named, with the missing condition', async () => {
  const refused = new Error('fetch failed', { cause: new Error('connection refused') });
  const isReady = () => Promise.reject(refused);
  const process = program('exec sleep 60', { isReady, startTimeout: 200 });
  const error: unknown = await process.ready().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartError);
  expect(error).toMatchObject({
    message: 'test was not ready in 0.2 s: fetch failed: connection refused',
  });
});

test('leftovers of a dead supervisor are ended; a process with a reused pid is not', async () => {
  const left = spawn('sleep', ['60']);
  const other = spawn('sleep', ['60']);
  const file = path.join(dir, 'processes.json');
  await noteProcesses(file, [{ name: 'left', pid: left.pid ?? 0 }]);
  const noted = JSON.parse(await readFile(file, 'utf8')) as { pid: number }[];
  await writeFile(
    file,
    JSON.stringify([...noted, { name: 'other', pid: other.pid, startedAt: '1' }]),
  );
  const ended = once(left, 'exit');
  expect(await endLeftovers(file)).toBe(1);
  await ended;
  expect(await startOf(other.pid ?? 0)).toBeDefined();
  other.kill('SIGKILL');
});

test('two supervisors never share a folder; the lock of a dead owner is ignored', async () => {
  const file = path.join(dir, 'lock');
  const unlock = await lock(file);
  await expect(lock(file)).rejects.toThrow(LockedError);
  unlock();
  await writeFile(file, '999999999 1');
  (await lock(file))();
});
