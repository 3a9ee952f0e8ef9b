import { collect, commandLine } from '@mysmtp/command-line';
import type { NamedSubject } from '@mysmtp/contracts';
import type { Opening } from './statements.ts';

export interface Options {
  /** A file, or `-` for standard input. */
  readonly file: string;
  /** Files or URLs; without any, those of the stack that runs here. */
  readonly keys: readonly string[];
  readonly opening?: Opening;
}

/** Reads the command line. Throws a `UsageError`. */
export function parseOptions(argv: readonly string[]): Options {
  const command = commandLine('npm run --silent verify-certificate --')
    .usage('FILE [options]')
    .argument(
      '[FILE...]',
      'a certificate, or what GET /v1/erasures/ID of privacy answers; - reads it from standard input',
    )
    .option(
      '--keys <FILE-or-URL>',
      'the public keys of the issuer (JWK Set) as privacy publishes them; if repeated, those that each service publishes itself: a key then counts if every source that names its owner contains it. Without it, those of the stack that runs in this folder',
      collect,
    )
    .option('--tenant <ID>', 'also check that it is about this customer; needs --nonce')
    .option('--address <ADDRESS>', 'also check that it is about this person; needs --nonce')
    .option('--nonce <N>', 'needs --tenant or --address')
    .addHelpText(
      'after',
      '\nExit code: 0 the certificate holds, 1 it does not, 2 it could not be checked.',
    )
    .parse(argv, { from: 'user' });
  const { keys = [], tenant, address, nonce } = command.opts();
  const [file, ...more] = command.args;
  if (file === undefined) return command.error('Which certificate?');
  if (more.length > 0) return command.error(`One certificate at a time: ${more.join(' ')}`);
  if (tenant === undefined && address === undefined && nonce === undefined) return { file, keys };
  if (tenant !== undefined && address !== undefined) {
    return command.error('A certificate is about a customer or about a person');
  }
  if (nonce === undefined || (tenant ?? address) === undefined) {
    return command.error('--nonce belongs to --tenant or to --address');
  }
  const subject: NamedSubject =
    address === undefined ? { kind: 'tenant', tenant: tenant ?? '' } : { kind: 'person', address };
  return { file, keys, opening: { subject, nonce } };
}
