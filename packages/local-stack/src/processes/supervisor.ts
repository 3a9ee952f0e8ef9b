import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from './program.ts';
import { spawnProgram } from './spawn.ts';

/** A program that did not become ready. `logFile` has its last words. */
export class StartError extends Error {
  readonly program: string;
  readonly logFile: string;

  constructor(program: Program, reason: string) {
    super(`${program.name} ${reason}`);
    this.name = 'StartError';
    this.program = program.name;
    this.logFile = program.logFile;
  }
}

/** One program under supervision: started again, with growing pauses, whenever it dies. */
export interface Supervised {
  readonly name: string;
  pid(): number | undefined;
  start(): void;
  /** Resolves when it is ready; rejects with a `StartError` when it is not in time. */
  ready(): Promise<void>;
  /** Sends a signal and leaves the rest to supervision: what dies is started again. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it for good: its stop signal, then SIGKILL when its time is over. */
  stop(): Promise<void>;
}

const shortestPause = 100;
const longestPause = 5_000;
/** A process that ran this long had a good start: the next pause is the shortest again. */
const settledAfter = 10_000;

export function supervise(program: Program, onChange: () => void = () => undefined): Supervised {
  let child: ChildProcess | undefined;
  let wanted = false;
  let pause = shortestPause;
  let startedAt = 0;
  let timer: NodeJS.Timeout | undefined;

  function launch(): void {
    startedAt = Date.now();
    const started = spawnProgram(program);
    child = started;
    started.once('error', () => onExit(started));
    started.once('exit', () => onExit(started));
    onChange();
  }

  function onExit(ended: ChildProcess): void {
    if (child !== ended) return;
    child = undefined;
    onChange();
    if (!wanted) return;
    if (Date.now() - startedAt > settledAfter) pause = shortestPause;
    timer = setTimeout(launch, pause);
    pause = Math.min(pause * 2, longestPause);
  }

  function start(): void {
    if (wanted) return;
    wanted = true;
    pause = shortestPause;
    launch();
  }

  async function ready(): Promise<void> {
    const deadline = Date.now() + program.startTimeout;
    while (Date.now() < deadline) {
      // Asked only while it runs: another process may sit on its port.
      if (child?.pid !== undefined && (await program.isReady().catch(() => false))) return;
      await sleep(50);
      if (!wanted) throw new StartError(program, 'was stopped before it was ready');
    }
    throw new StartError(program, `was not ready in ${String(program.startTimeout / 1000)} s`);
  }

  async function stop(): Promise<void> {
    wanted = false;
    clearTimeout(timer);
    const ending = child;
    if (ending?.pid === undefined) return;
    const exited = once(ending, 'exit');
    ending.kill(program.stopSignal);
    const late = setTimeout(() => ending.kill('SIGKILL'), program.stopTimeout);
    await exited;
    clearTimeout(late);
  }

  return {
    name: program.name,
    pid: () => child?.pid,
    start,
    ready,
    kill: (signal) => void child?.kill(signal),
    stop,
  };
}
