import type { Supervised } from '../processes/supervisor.ts';
import { noteProcesses } from './leftovers.ts';

/** The processes of a stack by name, and what is written down whenever one starts or dies. */
export interface Register {
  add(process: Supervised): void;
  get(name: string): Supervised | undefined;
  all(): readonly Supervised[];
  pids(): Record<string, readonly number[]>;
  /** Writes down the processes, then whatever `alsoWrite` is by then. One writing after the other. */
  changed(): void;
  alsoWrite(write: (() => Promise<void>) | undefined): Promise<void>;
  /** Resolves when the last change is written down. Rejects where that could not be done. */
  settled(): Promise<void>;
}

export function createRegister(file: string): Register {
  const processes = new Map<string, Supervised>();
  let also: (() => Promise<void>) | undefined;
  let writing = Promise.resolve();

  function running(): { name: string; pid: number }[] {
    return [...processes.values()].flatMap((process) => {
      const pid = process.pid();
      return pid === undefined ? [] : [{ name: process.name, pid }];
    });
  }

  async function write(): Promise<void> {
    await noteProcesses(file, running());
    await also?.();
  }

  function changed(): void {
    writing = writing.catch(() => undefined).then(write);
    // A full disk is met again at the next change, and `settled` tells of the last one.
    writing.catch(() => undefined);
  }

  return {
    add: (process) => void processes.set(process.name, process),
    get: (name) => processes.get(name),
    all: () => [...processes.values()],
    pids: () =>
      Object.fromEntries(
        [...processes].map(([name, process]) => {
          const pid = process.pid();
          return [name, pid === undefined ? [] : [pid]];
        }),
      ),
    changed,
    alsoWrite(next) {
      also = next;
      changed();
      return writing;
    },
    settled: () => writing,
  };
}
