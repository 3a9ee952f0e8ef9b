/** A host to try; a lower preference is tried first (RFC 5321 5.1). */
export interface MailHost {
  readonly exchange: string;
  readonly priority: number;
}

/** The destination of a domain's mail. Domains with the same MX hosts are one site and share connections. */
export interface Site {
  readonly key: string;
  /** The most preferred hosts, without duplicates. */
  readonly hosts: readonly MailHost[];
  readonly port: number;
  /** The operator configures the smarthost. It is resolved by the system and may have any address. */
  readonly smarthost: boolean;
}

/** Why there is no site. Nothing is dialled; this failure is the outcome. */
export interface NoRoute {
  readonly kind: 'transient' | 'permanent';
  readonly code: number;
  readonly enhancedCode: string;
  readonly text: string;
}

export type Route = { readonly site: Site } | { readonly failure: NoRoute };

/** A domain may have a thousand MX records. More than this number are neither cached nor dialled. */
const mostHosts = 10;

/** The key consists of the site's hosts in sorted order, independent of the order of the DNS answer. */
export function siteOf(hosts: readonly MailHost[], port: number): Site {
  const sorted = [...hosts].sort(
    (a, b) => a.priority - b.priority || (a.exchange < b.exchange ? -1 : 1),
  );
  const best = new Map<string, MailHost>();
  for (const host of sorted) {
    if (best.size < mostHosts && !best.has(host.exchange)) best.set(host.exchange, host);
  }
  const kept = [...best.values()];
  const key = kept.map(({ exchange, priority }) => `${String(priority)} ${exchange}`).join(',');
  return { key: `${key}:${String(port)}`, hosts: kept, port, smarthost: false };
}

export function smarthostSite(host: string, port: number): Site {
  return {
    key: `smarthost ${host}:${String(port)}`,
    hosts: [{ exchange: host, priority: 0 }],
    port,
    smarthost: true,
  };
}

/**
 * Large public providers by the end of their MX hosts' names. The name of any other
 * site can identify a person, so it is `other` in metrics.
 */
const providers: readonly (readonly [suffix: string, name: string])[] = [
  ['google.com', 'google'],
  ['googlemail.com', 'google'],
  ['outlook.com', 'microsoft'],
  ['yahoodns.net', 'yahoo'],
  ['icloud.com', 'apple'],
  ['gmx.net', 'gmx'],
  ['web.de', 'web_de'],
  ['t-online.de', 'telekom'],
  ['orange.fr', 'orange'],
  ['ovh.net', 'ovh'],
  ['kundenserver.de', 'ionos'],
  ['protonmail.ch', 'proton'],
  ['zoho.eu', 'zoho'],
];

/** The label of a site in metrics. */
export function providerOf(site: Site): string {
  const host = site.hosts[0]?.exchange ?? '';
  if (site.smarthost) return 'smarthost';
  const found = providers.find(([suffix]) => host === suffix || host.endsWith(`.${suffix}`));
  return found?.[1] ?? 'other';
}
