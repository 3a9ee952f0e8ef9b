import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import type { Program } from './program.ts';

/** A program that did not become ready. `logFile` has its last output. */
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

/** One supervised program: if it ends, it is started again, with growing pauses. */
export interface Supervised {
  readonly name: string;
  pid(): number | undefined;
  start(): void;
  /** Resolves when it is ready. Rejects with a `StartError` if it fails or exceeds the time limit. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Sends a signal. If the process ends, supervision starts it again. */
  kill(signal: NodeJS.Signals): void;
  /** Kills this process and waits until its replacement is ready. */
  replace(signal: NodeJS.Signals): Promise<void>;
  /** Ends it permanently: its stop signal, then SIGKILL after its time limit. */
  stop(): Promise<void>;
  /** Ends it permanently and at once. */
  abandon(): void;
}

const shortestPause = 100;
const longestPause = 5_000;
/** If a process ran this long, the next pause is the shortest again. */
const settledAfter = 10_000;
/** After this many ends before the first readiness, supervision gives up. */
const hopeless = 6;
/** EX_CONFIG (sysexits.h): a restart would refuse the same settings. */
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
      // Checked only while it runs, because another process may use its port.
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

/**
 * With util-linux's setpriv the kernel ends the child if its parent ends, even by SIGKILL. If setpriv is
 * missing (not Linux), the next start ends processes of an earlier one.
 */
const deathSignal =
  spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0
    ? ['setpriv', '--pdeathsig', 'KILL', '--']
    : [];

/**
 * Starts a program in a process group of its own, so that a terminal's Ctrl-C reaches only the supervisor.
 */
function spawnProgram(program: Program): ChildProcess {
  mkdirSync(path.dirname(program.logFile), { recursive: true });
  const log = openSync(program.logFile, 'a', 0o600);
  const [command = '', ...args] = [...deathSignal, program.command, ...program.args];
  const child = spawn(command, args, {
    cwd: program.cwd,
    env: program.env,
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  return child;
}

/** The messages of an error and of its causes; the last one is the root cause. */
export function messagesOf(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...messagesOf(error.cause)] : [];
}
