import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installDebian } from '../../kit/install.ts';
import { run } from '../../kit/run.ts';
import { greets } from '../greeting.ts';
import type { System } from '../system.ts';
import { mainCf, masterCf } from './configuration.ts';

export async function installPostfix(): Promise<void> {
  await installDebian({ postfix: 'command -v postfix && command -v smtp-source' });
}

/** A private instance: own configuration, queue and data below `dir`, loopback only. */
export async function startPostfix(options: {
  dir: string;
  port: number;
  sinkPort: number;
  sessions: number;
}): Promise<System> {
  if (userInfo().uid !== 0)
    throw new Error('Postfix starts as root only: run the benchmark as root');
  const { dir, port } = options;
  const configuration = path.join(dir, 'conf');
  const data = path.join(dir, 'data');
  // Its daemons drop root and must still reach their queue.
  for (const folder of [dir, configuration, path.join(dir, 'queue'), data]) {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o755);
  }
  const owner = await run('id', ['-u', 'postfix']);
  await chown(data, Number(owner.output), 0);
  await writeFile(path.join(configuration, 'main.cf'), mainCf(options));
  await writeFile(path.join(configuration, 'master.cf'), masterCf(port));
  const check = await run('postfix', ['-c', configuration, 'check']);
  if (check.code !== 0) throw new Error(`postfix check: ${check.output.trim()}`);

  const master = spawn('/usr/lib/postfix/sbin/master', ['-c', configuration, '-d'], {
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => {
    master.once('error', () => resolve());
    master.once('close', () => resolve());
  });
  const stop = async () => {
    master.kill('SIGTERM');
    await ended;
  };
  try {
    await greets(port, ended, 'Postfix');
  } catch (error) {
    await stop();
    throw error;
  }
  const { pid = 0 } = master;
  const version = await run('postconf', ['-d', '-h', 'mail_version']);

  return {
    product: `Postfix ${version.output.trim()}`,
    durability: 'fsync of its queue file before each 250',
    port,
    roots: () => ({ postfix: [pid] }),
    // It removes a message from its queue before the next is due, so nothing is pending.
    settle: () => sleep(500),
    stop,
  };
}
