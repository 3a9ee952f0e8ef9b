import { findCommand, runCommand, type CommandOptions } from '@mysmtp/tooling';
import { ImageFailure } from './failure.ts';

const patience = 15 * 60_000;

/** Runs a command to its end, and gives its output. `what` says in a failure what was being done. */
export async function run(
  what: string,
  [command, ...args]: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<string> {
  const outcome = await runCommand(command, args, { timeout: patience, ...options });
  if ('output' in outcome) return outcome.output;
  throw new ImageFailure(`${what}: ${outcome.failure}`);
}

/** Where a program lies; `why` says in a failure what it is needed for. */
export async function needed(program: string, why: string): Promise<string> {
  const command = await findCommand(program, ['/usr/bin']);
  if (command === undefined) throw new ImageFailure(`no ${program} here: ${why}`);
  return command;
}
