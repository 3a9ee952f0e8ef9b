import { readFileSync, readdirSync } from 'node:fs';

/** Kernel ticks are hundredths of a second wherever Linux runs (USER_HZ). */
const microsecondsPerTick = 10_000;

interface Process {
  readonly parent: number;
  /** Of the process itself and of its children that have ended. */
  readonly cpu: number;
}

/**
 * CPU time of these processes and all below them, in microseconds. A child that has ended counts
 * with its parent, so a difference of two readings is what was used in between.
 */
export function cpuOf(roots: readonly number[]): number {
  const processes = readProcesses();
  let total = 0;
  for (const [pid, { cpu }] of processes) {
    if (isBelow(pid, roots, processes)) total += cpu;
  }
  return total;
}

function isBelow(
  pid: number,
  roots: readonly number[],
  processes: ReadonlyMap<number, Process>,
): boolean {
  for (let at: number | undefined = pid; at !== undefined; at = processes.get(at)?.parent) {
    if (roots.includes(at)) return true;
  }
  return false;
}

function readProcesses(): Map<number, Process> {
  const found = new Map<number, Process>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    // The program's name stands in parentheses and may hold anything (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields
      .slice(11, 15)
      .map(Number);
    found.set(Number(name), {
      parent: Number(fields[1]),
      cpu: (user + system + childrenUser + childrenSystem) * microsecondsPerTick,
    });
  }
  return found;
}

/** Flushes of all disks since boot, by the kernel's count; 0 where it keeps none. */
export function flushes(): number {
  let total = 0;
  for (const line of read('/proc/diskstats').split('\n')) {
    total += Number(line.trim().split(/\s+/)[18] ?? 0);
  }
  return total;
}

/** Empty where there is nothing (any more): processes end while we look. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
