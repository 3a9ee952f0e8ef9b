import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot } from '@mysmtp/tooling';
import { makeStateDir, stateDir } from '../place.ts';
import type { BackendDescription } from './description.ts';

const file = path.join(stateDir, 'backends.json');
/** If a server must be built first, this takes longer. Milliseconds. */
const patience = 1_500_000;

/** Starts them in a separate process, which outlives this one until it is stopped. */
export async function startBackends(address: string): Promise<BackendDescription> {
  await makeStateDir();
  await rm(file, { force: true });
  const logFile = path.join(stateDir, 'log', 'backends.log');
  const log = openSync(logFile, 'a');
  const child = spawn(
    process.execPath,
    [...process.execArgv, path.join(import.meta.dirname, 'main.ts'), stateDir, address],
    { cwd: repositoryRoot, detached: true, stdio: ['ignore', log, log] },
  );
  child.unref();
  for (const giveUpAt = Date.now() + patience; Date.now() < giveUpAt; await sleep(200)) {
    const description = await describeBackends();
    if (description !== undefined) return description;
    if (child.exitCode !== null) break;
  }
  if (child.pid !== undefined) signal(child.pid, 'SIGTERM');
  // Its folder is removed before the reader can open it.
  throw new Error(`The back ends did not start:\n${await readFile(logFile, 'utf8')}`);
}

export async function describeBackends(): Promise<BackendDescription | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as BackendDescription);
}

/** Stops them if they run, and waits until they have ended. */
export async function stopBackends(): Promise<void> {
  const description = await describeBackends();
  if (description === undefined) return;
  while (signal(description.pid, 'SIGTERM')) await sleep(500);
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
