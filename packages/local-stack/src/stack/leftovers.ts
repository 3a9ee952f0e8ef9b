import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendSignal } from '@mysmtp/tooling';
import { writePrivate } from '../secrets.ts';

/**
 * A process and its start time, in the kernel's ticks. The start time is needed because the kernel reuses
 * pids.
 */
export interface Noted {
  readonly name: string;
  readonly pid: number;
  readonly startedAt: string;
}

/** The start time of a process, or `undefined` if it does not run (or if there is no /proc). */
export async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => undefined);
  // The name in parentheses may contain spaces; the fields after it are numbered from 3 (proc(5)).
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
}

export async function noteProcesses(
  file: string,
  running: readonly { name: string; pid: number }[],
): Promise<void> {
  const noted: Noted[] = [];
  for (const { name, pid } of running) {
    const startedAt = await startOf(pid);
    if (startedAt !== undefined) noted.push({ name, pid, startedAt });
  }
  await writePrivate(file, noted);
}

/** The recorded processes that still run, with the same start time. */
export async function stillRunning(file: string): Promise<Noted[]> {
  const text = await readFile(file, 'utf8').catch(() => '[]');
  const alive: Noted[] = [];
  for (const noted of JSON.parse(text) as Noted[]) {
    if ((await startOf(noted.pid)) === noted.startedAt) alive.push(noted);
  }
  return alive;
}

/** Ends the processes of a supervisor that was killed. */
export async function endLeftovers(file: string): Promise<number> {
  const leftovers = await stillRunning(file);
  for (const { pid } of leftovers) sendSignal(pid, 'SIGKILL');
  for (let tries = 0; tries < 100 && (await stillRunning(file)).length > 0; tries += 1) {
    await sleep(50);
  }
  return leftovers.length;
}
