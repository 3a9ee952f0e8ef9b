import type { KeyObject } from 'node:crypto';
import { TenantUnavailable } from '@mysmtp/contracts';
import { withAsciiDomain } from '@mysmtp/mail';
import { addressIndex } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';

interface Addresses {
  readonly sender?: string | undefined;
  readonly recipient?: string | undefined;
}

interface AddressIndexes {
  readonly senderIndex?: string;
  readonly recipientIndex?: string;
}

/** The blind indexes by which to find the rows of these addresses; `undefined` if there can be no rows. */
export async function addressIndexes(
  tenants: Tenants,
  tenant: string,
  { sender, recipient }: Addresses,
): Promise<AddressIndexes | undefined> {
  if (sender === undefined && recipient === undefined) return {};
  const key = await indexKey(tenants, tenant);
  if (key === undefined) return undefined;
  const found: { senderIndex?: string; recipientIndex?: string } = {};
  for (const [name, address] of [
    ['senderIndex', sender],
    ['recipientIndex', recipient],
  ] as const) {
    if (address === undefined) continue;
    // Addresses are logged with their domain as A-labels (RFC 5890).
    const ascii = withAsciiDomain(address);
    if (ascii === undefined) return undefined;
    found[name] = addressIndex(key, ascii);
  }
  return found;
}

/** A tenant without keys has no rows that could be found. */
async function indexKey(tenants: Tenants, tenant: string): Promise<KeyObject | undefined> {
  try {
    return await tenants.run(tenant, 'read', (scope) => scope.key('index'));
  } catch (error) {
    if (error instanceof TenantUnavailable && !error.passes) return undefined;
    throw error;
  }
}
