import { isIP } from 'node:net';
import { parseArgs } from 'node:util';

/** What `npm start` can be told. */
export interface StackOptions {
  /** Everything the stack keeps: data, logs, secrets, stack.json. */
  readonly dir: string;
  /** Begins again with nothing. */
  readonly fresh: boolean;
  /** Restarts services when their sources change. */
  readonly dev: boolean;
  /** `HOST:PORT`: all mail goes there instead of to the local MX. */
  readonly smarthost?: string;
  /** `ADDRESS/BITS`: opens the third listener for the demo tenant's clients in that network. */
  readonly network?: string;
}

/** A command line that cannot be meant. The message says which word and why. */
export class UsageError extends Error {}

export const usage = `usage: npm start -- [options]

  --fresh                 begin again: forget all data of an earlier start
  --smarthost HOST:PORT   send all mail there instead of to the local MX
  --network CIDR          open the third listener for clients in this network, without AUTH
  --dir PATH              keep the stack here (default .mysmtp); another PATH is another stack
  --dev                   restart services when their sources change (npm run dev)
  --help                  this text
`;

/** Reads the command line; `undefined` where only the usage is wanted. Throws a `UsageError`. */
export function parseOptions(argv: readonly string[]): StackOptions | undefined {
  const { fresh, dev, smarthost, network, dir, help } = parse(argv);
  if (help) return undefined;
  if (smarthost !== undefined && !/^(\[[\da-f:.]+\]|[\w.-]+):\d{1,5}$/i.test(smarthost)) {
    throw new UsageError(`--smarthost: ${smarthost} is not HOST:PORT`);
  }
  if (network !== undefined && !isCidr(network)) {
    throw new UsageError(`--network: ${network} is not a CIDR such as 127.0.0.1/32`);
  }
  return {
    dir,
    fresh,
    dev,
    ...(smarthost === undefined ? {} : { smarthost }),
    ...(network === undefined ? {} : { network }),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        fresh: { type: 'boolean', default: false },
        dev: { type: 'boolean', default: false },
        smarthost: { type: 'string' },
        network: { type: 'string' },
        dir: { type: 'string', default: '.mysmtp' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function isCidr(text: string): boolean {
  const [address = '', bits = ''] = text.split('/');
  const family = isIP(address);
  return family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}
