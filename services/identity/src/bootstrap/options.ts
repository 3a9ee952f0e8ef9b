import { parseArgs } from 'node:util';
import { DomainName, NetworkCidr, OwnerAddress, TenantName } from '@mysmtp/api';
import { z } from 'zod';

export const usage =
  'bootstrap --tenant NAME --owner EMAIL --domain DOMAIN [--network CIDR] [--secret NAME]';

/** A name of a Kubernetes Secret (RFC 1123 subdomain). */
const SecretName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be a name of a Secret');

const Options = z.strictObject({
  tenant: TenantName,
  owner: OwnerAddress,
  domain: DomainName,
  network: NetworkCidr.optional(),
  /** In a cluster: the Secret that takes what was made, instead of standard output. */
  secret: SecretName.optional(),
});
export type BootstrapOptions = z.infer<typeof Options>;

/** What is wrong with the command line, in words for whoever typed it. */
export class UsageError extends Error {}

export function readOptions(args: readonly string[]): BootstrapOptions {
  const result = Options.safeParse(parse(args));
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `--${path.map(String).join('.')}: ${message}`,
  );
  throw new UsageError(problems.join('\n'));
}

function parse(args: readonly string[]): unknown {
  const option = { type: 'string' } as const;
  try {
    return {
      ...parseArgs({
        args: [...args],
        options: { tenant: option, owner: option, domain: option, network: option, secret: option },
      }).values,
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'The options cannot be read');
  }
}
