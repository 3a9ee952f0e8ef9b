import { rmSync } from 'node:fs';
import { link, readFile, writeFile } from 'node:fs/promises';
import { startOf } from './leftovers.ts';

/** Another supervisor runs in this folder. */
export class LockedError extends Error {}

/** Two supervisors never share a folder. Returns the function that unlocks. */
export async function lock(file: string): Promise<() => void> {
  const mine = `${String(process.pid)} ${(await startOf(process.pid)) ?? ''}`;
  // A link appears with its content or not at all, so an incomplete lock is never read.
  const staging = `${file}.${String(process.pid)}`;
  await writeFile(staging, mine, { mode: 0o600 });
  try {
    while (!(await linked(staging, file))) await clearDeadLock(file);
  } finally {
    rmSync(staging, { force: true });
  }
  return () => rmSync(file, { force: true });
}

async function linked(staging: string, file: string): Promise<boolean> {
  try {
    await link(staging, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Removes the lock of an owner that has ended; throws if it runs. */
async function clearDeadLock(file: string): Promise<void> {
  const [pid = '', startedAt = ''] = (await readFile(file, 'utf8').catch(() => '')).split(' ');
  if (pid !== '' && (await startOf(Number(pid))) === startedAt) {
    throw new LockedError(
      `A stack already runs here (process ${pid}). Stop it, or use --dir for another one.`,
    );
  }
  rmSync(file, { force: true });
}
