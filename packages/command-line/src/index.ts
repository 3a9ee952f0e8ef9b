import { Command, InvalidArgumentError } from '@commander-js/extra-typings';

export { InvalidArgumentError, Option } from '@commander-js/extra-typings';

const exitCodes = { help: 0, wrong: 2 } as const;

/**
 * Ends a program before it does anything: its command line is wrong, or only its usage is requested. The
 * message is the output.
 */
export class UsageError extends Error {
  readonly exitCode: 0 | 2;

  constructor(message: string, exitCode: 0 | 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * A command line to add options to. `name` is the text before the options. Its `parse` and its `error` write
 * nothing and throw a `UsageError`.
 */
export function commandLine(name: string): Command {
  let usage = '';
  const command = new Command(name).helpOption('--help', 'this text').configureOutput({
    writeOut: (text) => {
      usage += text;
    },
    writeErr: () => undefined,
  });
  return command.exitOverride(({ exitCode, message }) => {
    usage = '';
    command.outputHelp();
    if (exitCode === 0) throw new UsageError(usage.trimEnd(), exitCodes.help);
    // The value of an unknown option may be personal, so it is not shown.
    const sentence = message
      .replace(/^error: /, '')
      .replace(/(?<=^unknown option '[^=']*)=.*'/, "'");
    throw new UsageError(`${sentence}\n\n${usage.trimEnd()}`, exitCodes.wrong);
  });
}

/** Reads an option's value: accepts only texts for which `isValid` returns true. */
export function valid(isValid: (text: string) => boolean, what: string): (text: string) => string {
  return (text) => {
    if (!isValid(text)) throw new InvalidArgumentError(`It must be ${what}.`);
    return text;
  };
}

/** Reads an option's value: a whole number from 1 on. */
export function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a number from 1 on.');
  return Number(text);
}

/** Reads an option that may be repeated. */
export function collect(text: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), text];
}

/** `HOST:PORT`; an IPv6 address is in brackets. */
export const hostAndPort = valid(
  (text) => /^(\[[\da-f:.]+\]|[\w.-]+):\d{1,5}$/i.test(text),
  'HOST:PORT',
);

/** Runs a program with the options of its command line. Resolves with the exit code. */
export async function runProgram<Options>(
  parse: (argv: readonly string[]) => Options,
  main: (options: Options) => Promise<number>,
): Promise<number> {
  try {
    return await main(parse(process.argv.slice(2)));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const out = error.exitCode === exitCodes.help ? process.stdout : process.stderr;
    out.write(`${error.message}\n`);
    return error.exitCode;
  }
}
