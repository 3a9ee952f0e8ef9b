import { asciiDomain, checkAddress, splitAddress } from '@mysmtp/mail';

/**
 * The form of an address in commitments and blind indexes: the local part as it is, the domain as A-labels in
 * lower case. `undefined` if no mail can have this address.
 */
export function canonicalAddress(address: string): string | undefined {
  if (checkAddress(address) !== undefined) return undefined;
  const { localPart, domain } = splitAddress(address);
  const ascii = asciiDomain(domain);
  return ascii === undefined ? undefined : `${localPart}@${ascii}`;
}
