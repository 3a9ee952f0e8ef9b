import { textsAt, type DnsLookups } from './texts.ts';

/** RFC 7208 4.6.4. */
const mostLookups = 10;

/**
 * Whether an SPF record contains this mechanism, itself or in a record that it includes or redirects to.
 * Rejects if DNS does not answer.
 */
export async function spfAllows(
  dns: DnsLookups,
  record: string,
  mechanism: string,
): Promise<boolean> {
  const wanted = mechanism.toLowerCase();
  let lookups = 0;

  async function has(text: string): Promise<boolean> {
    for (const term of text.toLowerCase().split(/ +/).slice(1)) {
      if (term.replace(/^\+/, '') === wanted) return true;
      const next = /^\+?(?:include:|redirect=)([^%]+)$/.exec(term)?.[1];
      if (next === undefined || (lookups += 1) > mostLookups) continue;
      const [included] = (await textsAt(dns, next)).filter((one) => /^v=spf1( |$)/i.test(one));
      if (included !== undefined && (await has(included))) return true;
    }
    return false;
  }

  return has(record);
}
