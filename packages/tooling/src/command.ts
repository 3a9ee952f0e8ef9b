import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';

/** The path of a program: on PATH, or in another usual folder. */
export async function findCommand(
  name: string,
  alsoIn: readonly string[] = [],
): Promise<string | undefined> {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).filter((dir) => dir !== '');
  for (const folder of [...onPath, ...alsoIn]) {
    const file = path.join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

export interface CommandOptions {
  /** Milliseconds. The default is ten seconds. */
  readonly timeout?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Ends the command and its child processes. */
  readonly signal?: AbortSignal;
}

/** The result of a command: its output, or the last line of its output if it failed. */
export type CommandResult = { readonly output: string } | { readonly failure: string };

/**
 * Runs a command to its end, in a process group of its own. A terminal's Ctrl-C does not interrupt a package
 * manager, and ending the command ends its child processes too.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { timeout = 10_000, env = {}, cwd, signal } = options;
  const limit = AbortSignal.timeout(timeout);
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = () => {
    if (child.pid !== undefined) sendSignal(-child.pid, 'SIGTERM');
  };
  const either = AbortSignal.any(signal === undefined ? [limit] : [limit, signal]);
  either.addEventListener('abort', end, { once: true });
  try {
    const [output, errors, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    signal?.throwIfAborted();
    if (code === 0) return { output: output.trim() };
    if (limit.aborted) return { failure: `no end after ${String(timeout / 1000)} s` };
    const said = errors.trim() || output.trim();
    return { failure: said.split('\n').at(-1) || `exit code ${String(code)}` };
  } catch (error) {
    signal?.throwIfAborted();
    return { failure: error instanceof Error ? error.message : String(error) };
  } finally {
    either.removeEventListener('abort', end);
  }
}

/** Output of a command, or `undefined` if it fails or times out. */
export async function outputOf(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string | undefined> {
  const result = await runCommand(command, args, options);
  return 'output' in result ? result.output : undefined;
}

/** Signals a process, or a process group (negative). A process that has just ended is ignored. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
