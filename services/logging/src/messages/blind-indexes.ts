import type { KeyObject } from 'node:crypto';
import { TenantUnavailable } from '@mysmtp/contracts';
import { asciiDomain, withAsciiDomain } from '@mysmtp/mail';
import { addressIndex, domainIndex, tagIndex } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import type { Filters } from './question.ts';

/** Sealed values by which a customer searches. */
export interface Searched {
  readonly sender?: string | undefined;
  readonly recipient?: string | undefined;
  readonly senderDomain?: string | undefined;
  readonly recipientDomain?: string | undefined;
  readonly tag?: string | undefined;
}

/** The blind indexes by which to find the rows with these values; `undefined` if there can be no rows. */
export async function indexesOf(
  tenants: Tenants,
  tenant: string,
  searched: Searched,
): Promise<Filters | undefined> {
  if (Object.values(searched).every((value) => value === undefined)) return {};
  const key = await indexKey(tenants, tenant);
  if (key === undefined) return undefined;
  // Addresses and domains are logged with A-labels (RFC 5890).
  const ofAddress = (address: string) => indexed(withAsciiDomain(address), key, addressIndex);
  const ofDomain = (domain: string) => indexed(asciiDomain(domain), key, domainIndex);
  const found: Record<string, string | undefined> = {};
  for (const [name, value, indexOf] of [
    ['senderIndex', searched.sender, ofAddress],
    ['recipientIndex', searched.recipient, ofAddress],
    ['senderDomainIndex', searched.senderDomain, ofDomain],
    ['recipientDomainIndex', searched.recipientDomain, ofDomain],
    ['tagIndex', searched.tag, (tag: string) => tagIndex(key, tag)],
  ] as const) {
    if (value === undefined) continue;
    found[name] = indexOf(value);
    if (found[name] === undefined) return undefined;
  }
  return found;
}

const indexed = (
  text: string | undefined,
  key: KeyObject,
  indexOf: (key: KeyObject, text: string) => string,
): string | undefined => (text === undefined ? undefined : indexOf(key, text));

/** A tenant without keys has no rows that could be found. */
async function indexKey(tenants: Tenants, tenant: string): Promise<KeyObject | undefined> {
  try {
    return await tenants.run(tenant, 'read', (scope) => scope.key('index'));
  } catch (error) {
    if (error instanceof TenantUnavailable && !error.passes) return undefined;
    throw error;
  }
}
