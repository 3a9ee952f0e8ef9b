import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendSignal } from '@mysmtp/tooling';
import { writePrivate } from '../secrets.ts';

/** A process and the moment it was started, in the kernel's ticks: a pid alone may be somebody else's by now. */
export interface Noted {
  readonly name: string;
  readonly pid: number;
  readonly startedAt: string;
}

/** When a process was started, or `undefined` where it does not run (or where there is no /proc). */
export async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => undefined);
  // The name in parentheses may hold spaces; the fields after it are numbered from 3 (proc(5)).
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

/** Those of the noted processes that still run, and really are the ones that were noted. */
export async function stillRunning(file: string): Promise<Noted[]> {
  const text = await readFile(file, 'utf8').catch(() => '[]');
  const alive: Noted[] = [];
  for (const noted of JSON.parse(text) as Noted[]) {
    if ((await startOf(noted.pid)) === noted.startedAt) alive.push(noted);
  }
  return alive;
}

/** Ends what a supervisor that was killed has left behind. */
export async function endLeftovers(file: string): Promise<number> {
  const leftovers = await stillRunning(file);
  for (const { pid } of leftovers) sendSignal(pid, 'SIGKILL');
  for (let tries = 0; tries < 100 && (await stillRunning(file)).length > 0; tries += 1) {
    await sleep(50);
  }
  return leftovers.length;
}
