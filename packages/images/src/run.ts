import { findCommand, runCommand, type CommandOptions } from '@mysmtp/tooling';

/** The reason why an image cannot be built. The message names what is missing or wrong. */
export class ImageFailure extends Error {}

const patience = 15 * 60_000;

/** Runs a command to its end, and returns its output. `what` describes the action in an error. */
export async function run(
  what: string,
  [command, ...args]: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<string> {
  const result = await runCommand(command, args, { timeout: patience, ...options });
  if ('output' in result) return result.output;
  throw new ImageFailure(`${what}: ${result.failure}`);
}

/** The path of a program; `why` describes its purpose in an error. */
export async function needed(program: string, why: string): Promise<string> {
  const command = await findCommand(program, ['/usr/bin']);
  if (command === undefined) throw new ImageFailure(`no ${program} here: ${why}`);
  return command;
}
