import { isIP } from 'node:net';
import { commandLine, hostAndPort, valid } from '@mysmtp/command-line';
import type { Step } from '@mysmtp/tooling';
import type { Plan } from './programs.ts';

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

/** The options of a start, by the command line or by a test. */
export interface StartOptions extends Partial<StackOptions> {
  readonly dir: string;
  /** Additional or different settings for single services. */
  readonly env?: Plan['env'];
  /** A folder with bundles of the services' programs (SERVICE/NAME.mjs). Without it their sources run. */
  readonly bundles?: string | undefined;
  /** The documented ports if they are free; otherwise any. */
  readonly usualPorts?: boolean;
  readonly progress?: (line: string) => void;
  /** Shows a slow step; without it the step is a line of `progress`. */
  readonly step?: Step;
  /** Cancels the start: running processes are stopped. */
  readonly signal?: AbortSignal;
  /** Ends every process at once, with SIGKILL, while starting or stopping. */
  readonly hurry?: AbortSignal;
}
