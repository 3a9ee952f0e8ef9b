import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { messagesOf } from '../messages-of.ts';
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
  /** Resolves when it is ready; rejects with a `StartError` when it cannot be, or is not in time. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Sends a signal and leaves the rest to supervision: what dies is started again. */
  kill(signal: NodeJS.Signals): void;
  /** Kills this process and waits until the one that takes its place is ready. */
  replace(signal: NodeJS.Signals): Promise<void>;
  /** Ends it for good: its stop signal, then SIGKILL when its time is over. */
  stop(): Promise<void>;
  /** Ends it for good and at once. */
  abandon(): void;
}

const shortestPause = 100;
const longestPause = 5_000;
/** A process that ran this long had a good start: the next pause is the shortest again. */
const settledAfter = 10_000;
/** Who dies this often before being ready even once will not be ready by dying again. */
const hopeless = 6;
/** EX_CONFIG (sysexits.h): it will refuse the same settings the next time. */
const badConfiguration = 78;

export function supervise(program: Program, onChange: () => void = () => undefined): Supervised {
  let child: ChildProcess | undefined;
  let wanted = false;
  let pause = shortestPause;
  let startedAt = 0;
  let deaths = 0;
  let lastExit: number | null = null;
  let timer: NodeJS.Timeout | undefined;

  function launch(): void {
    startedAt = Date.now();
    const started = spawnProgram(program);
    child = started;
    started.once('error', () => onExit(started, null));
    started.once('exit', (code) => onExit(started, code));
    onChange();
  }

  function onExit(ended: ChildProcess, code: number | null): void {
    if (child !== ended) return;
    child = undefined;
    deaths += 1;
    lastExit = code;
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
    lastExit = null;
    launch();
  }

  async function ready(signal?: AbortSignal): Promise<void> {
    const deadline = Date.now() + program.startTimeout;
    const diedBefore = deaths;
    let missing: string[] = [];
    const isReady = () =>
      program.isReady().catch((error: unknown) => {
        missing = messagesOf(error);
        return false;
      });
    while (Date.now() < deadline) {
      signal?.throwIfAborted();
      // Asked only while it runs: another process may sit on its port.
      if (child?.pid !== undefined && (await isReady())) return;
      if (!wanted) throw new StartError(program, 'was stopped before it was ready');
      if (lastExit === badConfiguration) {
        throw new StartError(program, 'refuses its configuration');
      }
      if (deaths - diedBefore >= hopeless) {
        throw new StartError(program, `ended ${String(hopeless)} times before it was ready`);
      }
      await sleep(50);
    }
    const patience = `${String(program.startTimeout / 1000)} s`;
    throw new StartError(program, [`was not ready in ${patience}`, ...missing].join(': '));
  }

  async function replace(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    if (ending?.pid !== undefined) {
      const exited = once(ending, 'exit');
      ending.kill(signal);
      await exited;
    }
    await ready();
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

  function abandon(): void {
    wanted = false;
    clearTimeout(timer);
    child?.kill('SIGKILL');
  }

  return {
    name: program.name,
    pid: () => child?.pid,
    start,
    ready,
    kill: (signal) => void child?.kill(signal),
    replace,
    stop,
    abandon,
  };
}
