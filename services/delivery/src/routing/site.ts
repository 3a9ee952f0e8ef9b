/** A host to try; a lower preference is tried first (RFC 5321 5.1). */
export interface MailHost {
  readonly exchange: string;
  readonly priority: number;
}

/**
 * Where mail for a domain goes. All domains with the same set of MX hosts are one site and share its
 * connections, whoever else is behind it.
 */
export interface Site {
  readonly key: string;
  /** The most preferred ones, each once. */
  readonly hosts: readonly MailHost[];
  readonly port: number;
  /** The smarthost is named by the operator: found by the system's resolver, at any address. */
  readonly smarthost: boolean;
}

/** Why there is no site: nobody is dialled, the failure itself is the outcome. */
export interface NoRoute {
  readonly kind: 'transient' | 'permanent';
  readonly code: number;
  readonly enhancedCode: string;
  readonly text: string;
}

export type Route = { readonly site: Site } | { readonly failure: NoRoute };

/** A domain may have a thousand MX records; more than these are neither remembered nor dialled. */
const mostHosts = 10;

/** Names the site by its hosts, in an order that does not depend on what DNS happens to answer first. */
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
