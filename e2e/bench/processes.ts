import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

/** Kernel ticks are hundredths of a second on every Linux (USER_HZ). */
const microsecondsPerTick = 10_000;

interface Process {
  readonly parent: number;
  /** Of the process itself and of its ended children. */
  readonly cpu: number;
}

/**
 * CPU time of these processes and all their descendants, in microseconds. An ended child counts with its
 * parent, so the difference of two readings is the use in between.
 */
export function cpuOf(roots: readonly number[]): number {
  const processes = readProcesses();
  let total = 0;
  for (const [pid, { cpu }] of processes) {
    if (isBelow(pid, roots, processes)) total += cpu;
  }
  return total;
}

/** Memory of the processes of one part, in octets. */
export interface Memory {
  readonly processes: number;
  /** The highest resident set of the process with the highest one. */
  readonly largest: number;
  /** The sum of the highest ones of all. Pages that processes share count once for each process. */
  readonly all: number;
}

/** Begins to measure the peak of the resident set of these processes and their descendants (proc(5)). */
export function resetPeaks(roots: readonly number[]): void {
  for (const pid of descendants(roots)) {
    try {
      writeFileSync(`/proc/${String(pid)}/clear_refs`, '5');
    } catch {
      // It has ended.
    }
  }
}

/** Peaks since `resetPeaks`, of the processes that exist now. */
export function peaksOf(roots: readonly number[]): Memory {
  const peaks = descendants(roots)
    .map((pid) => /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${String(pid)}/status`))?.[1])
    .map((text) => Number(text ?? 0) * 1_024);
  return {
    processes: peaks.length,
    largest: Math.max(0, ...peaks),
    all: peaks.reduce((sum, peak) => sum + peak, 0),
  };
}

function descendants(roots: readonly number[]): number[] {
  const processes = readProcesses();
  return [...processes.keys()].filter((pid) => isBelow(pid, roots, processes));
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
    // The program's name is in parentheses and may contain any character (proc(5)).
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

/** Flushes of all disks since boot, by the kernel's count; 0 if it keeps none. */
export function flushes(): number {
  let total = 0;
  for (const line of read('/proc/diskstats').split('\n')) {
    total += Number(line.trim().split(/\s+/)[18] ?? 0);
  }
  return total;
}

/** Empty if the process does not exist, because processes may end during the scan. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
