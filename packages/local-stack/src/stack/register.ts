import type { Supervised } from '../processes/supervisor.ts';
import { noteProcesses } from './leftovers.ts';

/** The processes of a stack by name, and the files that record their starts and ends. */
export interface Register {
  add(process: Supervised): void;
  get(name: string): Supervised | undefined;
  all(): readonly Supervised[];
  pids(): Record<string, readonly number[]>;
  /** Records the processes, then runs `alsoWrite`. Writes are serialised. */
  changed(): void;
  alsoWrite(write: (() => Promise<void>) | undefined): Promise<void>;
  /** Resolves when the last change is written. Rejects if the write failed. */
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
    // A full disk fails the next change too, and `settled` reports the last failure.
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
