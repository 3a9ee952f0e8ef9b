import type { Resolver } from 'node:dns/promises';
import { unlessMissing } from '@mysmtp/mail';

export type DnsLookups = Pick<
  Resolver,
  'resolveTxt' | 'resolveMx' | 'resolve4' | 'resolve6' | 'resolveCname'
>;

/** The TXT records of a name. The parts of one record are one text (RFC 7208 3.3, RFC 6376 3.6.2.2). */
export const textsAt = async (dns: DnsLookups, name: string): Promise<string[]> =>
  (await unlessMissing(dns.resolveTxt(name))).map((parts) => parts.join(''));
