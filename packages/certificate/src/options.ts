import { parseArgs } from 'node:util';
import type { Opening } from './statements.ts';

export interface Options {
  /** A file, or `-` for what comes in. */
  readonly file: string;
  /** Files or URLs; without any, those of the stack that runs here. */
  readonly keys: readonly string[];
  readonly opening?: Opening;
}

/** A command that cannot be carried out as it was given. */
export class UsageError extends Error {}

export const usage = `usage: npm run --silent verify-certificate -- FILE [options]

  FILE                     a certificate, or what GET /v1/erasures/ID of privacy answers; - reads it
                           from standard input
  --keys FILE-or-URL       the public keys of whoever issued it (JWK Set): those that privacy publishes,
                           and, if given more than once, those that each service publishes itself: a
                           key then counts if nobody who names its owner leaves it out. Without it,
                           those of the stack that runs in this folder
  --tenant ID --nonce N    check as well that it is about this customer
  --help                   this text

Exit code: 0 the certificate holds, 1 it does not, 2 it could not be checked.`;

/** Reads the command line; `undefined` where only the usage is wanted. Throws a `UsageError`. */
export function parseOptions(argv: readonly string[]): Options | undefined {
  const { values, positionals } = parse(argv);
  const { keys = [], tenant, nonce, help } = values;
  if (help) return undefined;
  const [file, ...more] = positionals;
  if (file === undefined) throw new UsageError('Which certificate?');
  if (more.length > 0) throw new UsageError(`One certificate at a time: ${more.join(' ')}`);
  if ((tenant === undefined) !== (nonce === undefined)) {
    throw new UsageError('--tenant and --nonce belong together');
  }
  return {
    file,
    keys,
    ...(tenant === undefined || nonce === undefined
      ? {}
      : { opening: { subject: { kind: 'tenant', tenant }, nonce } }),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        keys: { type: 'string', multiple: true },
        tenant: { type: 'string' },
        nonce: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
