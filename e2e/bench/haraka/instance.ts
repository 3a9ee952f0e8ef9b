import { spawn } from 'node:child_process';
import { copyFile, open, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { greets } from '../greeting.ts';
import { interrupted } from '../interrupt.ts';
import type { System } from '../system.ts';
import { configurationFiles } from './configuration.ts';

/** A private instance: own configuration, queue and log below `dir`, loopback only. */
export async function startHaraka(
  program: string,
  place: { dir: string; port: number; sinkPort: number; sessions: number },
): Promise<System> {
  const { dir, port } = place;
  const queue = path.join(dir, 'queue');
  await mkdir(queue, { recursive: true });
  const files = configurationFiles({ ...place, processes: availableParallelism() });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
    await writeFile(path.join(dir, name), content);
  }
  // Its defaults, without which it does not run.
  await copyFile(
    path.join(program, 'config', 'connection.ini'),
    path.join(dir, 'config', 'connection.ini'),
  );
  const log = await open(path.join(dir, 'haraka.log'), 'a');
  const haraka = spawn(process.execPath, [path.join(program, 'bin', 'haraka'), '-c', dir], {
    cwd: dir,
    stdio: ['ignore', log.fd, log.fd],
    env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
  });
  const ended = new Promise<void>((resolve) => {
    haraka.once('error', () => resolve());
    haraka.once('close', () => resolve());
  });
  const stop = async () => {
    haraka.kill('SIGTERM');
    await ended;
    await log.close();
  };
  try {
    await greets(port, ended, 'Haraka');
  } catch (error) {
    await stop();
    throw error;
  }
  const { version } = JSON.parse(await readFile(path.join(program, 'package.json'), 'utf8')) as {
    version: string;
  };
  return {
    product: `Haraka ${version}`,
    durability: 'fsync of its queue file before each 250',
    port,
    roots: () => ({ haraka: [haraka.pid ?? 0] }),
    // It removes a file from its queue after the 250 of the sink.
    async settle() {
      while ((await readdir(queue)).length > 0) await sleep(50, undefined, { signal: interrupted });
    },
    stop,
  };
}
