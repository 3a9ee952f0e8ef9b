import { rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { startOf } from './leftovers.ts';

/** Another supervisor runs in this folder. */
export class LockedError extends Error {}

/** Two supervisors never share a folder. Gives the function that unlocks. */
export async function lock(file: string): Promise<() => void> {
  const mine = `${String(process.pid)} ${(await startOf(process.pid)) ?? ''}`;
  for (;;) {
    try {
      await writeFile(file, mine, { flag: 'wx', mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const [pid = '', startedAt = ''] = (await readFile(file, 'utf8').catch(() => '')).split(' ');
    if (pid !== '' && (await startOf(Number(pid))) === startedAt) {
      throw new LockedError(
        `A stack runs here already (process ${pid}). Stop it, or use --dir for another one.`,
      );
    }
    // Its owner is dead.
    rmSync(file, { force: true });
  }
}
