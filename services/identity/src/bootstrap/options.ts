import { DomainName, NetworkCidr, OwnerAddress, TenantName } from '@mysmtp/api';
import { commandLine } from '@mysmtp/command-line';
import { z } from 'zod';

/** A name of a Kubernetes Secret (RFC 1123 subdomain). */
const SecretName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be a name of a Secret');

const Options = z.strictObject({
  tenant: TenantName,
  owner: OwnerAddress,
  domain: DomainName,
  withoutDns: z.boolean().default(false),
  network: NetworkCidr.optional(),
  /** In a cluster: the Secret that receives the output, instead of standard output. */
  secret: SecretName.optional(),
});
export type BootstrapOptions = z.infer<typeof Options>;

/**
 * Reads the command line. Throws a `UsageError`, which names the fault and quotes no value, because the
 * lines of a Job are logged.
 */
export function readOptions(args: readonly string[]): BootstrapOptions {
  const command = commandLine('bootstrap')
    .usage(
      '--tenant NAME --owner EMAIL --domain DOMAIN [--without-dns] [--network CIDR] [--secret NAME]',
    )
    // Commander's own message would quote them.
    .allowExcessArguments()
    .option('--tenant <NAME>', 'the tenant’s name')
    .option('--owner <EMAIL>', 'its owner’s address')
    .option('--domain <DOMAIN>', 'its first domain')
    .option(
      '--without-dns',
      'sign its mail even if DNS does not publish the key, as without public DNS',
    )
    .option('--network <CIDR>', 'a network whose clients may submit without AUTH')
    .option(
      '--secret <NAME>',
      'in a cluster: the Secret that receives the output, instead of standard output',
    );
  const result = Options.safeParse(command.parse(args, { from: 'user' }).opts());
  if (command.args.length > 0) return command.error('Only options are allowed');
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `--${path.map(String).join('.')}: ${message}`,
  );
  return command.error(problems.join('\n'));
}
