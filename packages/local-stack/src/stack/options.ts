import { isIP } from 'node:net';
import { commandLine, hostAndPort, valid } from '@mysmtp/command-line';

/** The options of `npm start`. */
export interface StackOptions {
  /** The folder of all files of the stack: data, logs, secrets, stack.json. */
  readonly dir: string;
  /** Starts with empty data. */
  readonly fresh: boolean;
  /** Restarts services if their sources change. */
  readonly dev: boolean;
  /** `HOST:PORT`: all mail goes there instead of to the local MX. */
  readonly smarthost?: string | undefined;
  /** `ADDRESS/BITS`: opens the third listener for the demo tenant's clients in that network. */
  readonly network?: string | undefined;
}

/** Reads the command line. Throws a `UsageError`. */
export function parseOptions(argv: readonly string[]): StackOptions {
  const command = commandLine('npm start --')
    .option('--fresh', 'start with empty data: removes all data of an earlier start')
    .option(
      '--smarthost <HOST:PORT>',
      'send all mail there instead of to the local MX',
      hostAndPort,
    )
    .option(
      '--network <CIDR>',
      'open the third listener for clients in this network, without AUTH',
      valid(isCidr, 'a CIDR such as 127.0.0.1/32'),
    )
    .option('--dir <PATH>', 'folder of the stack; another PATH is another stack', '.mysmtp')
    .option('--dev', 'restart services if their sources change (npm run dev)');
  const { fresh = false, dev = false, ...others } = command.parse(argv, { from: 'user' }).opts();
  return { fresh, dev, ...others };
}

function isCidr(text: string): boolean {
  const [address = '', bits = ''] = text.split('/');
  const family = isIP(address);
  return family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}
