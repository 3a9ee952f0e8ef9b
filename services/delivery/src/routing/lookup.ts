import { isIP, isIPv6 } from 'node:net';
import type { Resolver } from 'node:dns/promises';
import { unlessMissing } from '@mysmtp/mail';
import { siteOf, type MailHost, type NoRoute, type Route } from './site.ts';

/** The DNS queries of routing. */
export type MailResolver = Pick<Resolver, 'resolveMx' | 'resolve4' | 'resolve6'>;

const nullMx: NoRoute = {
  kind: 'permanent',
  code: 556,
  enhancedCode: '5.1.10',
  text: 'The domain accepts no mail',
};
const noHost: NoRoute = {
  kind: 'permanent',
  code: 550,
  enhancedCode: '5.1.2',
  text: 'The domain does not exist or has no mail server',
};
const badLiteral: NoRoute = {
  kind: 'permanent',
  code: 550,
  enhancedCode: '5.1.2',
  text: 'The address literal is not an IP address',
};
const dnsFailed: NoRoute = {
  kind: 'transient',
  code: 451,
  enhancedCode: '4.4.3',
  text: 'DNS did not answer for the domain',
};

/** Finds the site of a domain (ASCII, lower case) or address literal: RFC 5321 5.1, RFC 7505. */
export async function lookUp(dns: MailResolver, domain: string, port: number): Promise<Route> {
  if (domain.startsWith('[')) return literal(domain, port);
  if (!isOnInternet(domain)) return { failure: noHost };
  try {
    const records = await unlessMissing(dns.resolveMx(domain));
    if (records.length > 0) {
      const hosts = records.filter((record) => !isRoot(record.exchange)).map(asHost);
      return hosts.length === 0 ? { failure: nullMx } : { site: siteOf(hosts, port) };
    }
    // No MX record: the domain itself is the host, if it has an address.
    const answers = await Promise.allSettled([
      unlessMissing(dns.resolve4(domain)),
      unlessMissing(dns.resolve6(domain)),
    ]);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length === 0) {
      // The domain has no address only if both queries were answered.
      const unanswered = answers.some(({ status }) => status === 'rejected');
      return { failure: unanswered ? dnsFailed : noHost };
    }
    return { site: siteOf([{ exchange: domain, priority: 0 }], port) };
  } catch {
    return { failure: dnsFailed };
  }
}

/**
 * Names with one label are local nicknames (RFC 5321 2.3.5). Names below `localhost` mean this machine
 * (RFC 6761 6.3).
 */
const isOnInternet = (domain: string): boolean =>
  domain.includes('.') && !domain.endsWith('.localhost');

/** An address literal (RFC 5321 4.1.3) names the host itself. */
function literal(domain: string, port: number): Route {
  const text = domain.slice(1, domain.endsWith(']') ? -1 : undefined);
  const address = /^ipv6:/i.test(text) ? text.slice(5) : text;
  // A zone (fe80::1%eth0) refers to an interface of this machine.
  const valid = /^ipv6:/i.test(text)
    ? isIPv6(address) && !address.includes('%')
    : isIP(address) === 4;
  if (!valid) return { failure: badLiteral };
  return { site: siteOf([{ exchange: address, priority: 0 }], port) };
}

/** The null MX (RFC 7505) points to the DNS root, which Node returns as an empty name. */
const isRoot = (exchange: string): boolean => exchange === '' || exchange === '.';

const asHost = ({ exchange, priority }: MailHost): MailHost => ({
  exchange: exchange.toLowerCase().replace(/\.$/, ''),
  priority,
});
