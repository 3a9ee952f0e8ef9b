import { asciiDomain, domainOf } from '@mysmtp/mail';
import type { Recipient } from '@mysmtp/contracts';
import type { Clock } from '@mysmtp/service';
import { LRUCache } from 'lru-cache';
import { lookUp, type MailResolver } from './lookup.ts';
import { smarthostSite, type NoRoute, type Route, type Site } from './site.ts';

/** Recipients of one message with the same route: one transaction, or one failure. */
export type Group = { readonly positions: number[] } & (
  | { readonly site: Site }
  | { readonly failure: NoRoute }
);

export interface Router {
  /** Groups the recipients at these positions of the envelope by site. */
  group(recipients: readonly Recipient[], positions: Iterable<number>): Promise<Group[]>;
}

export interface RouterDeps {
  readonly dns: MailResolver;
  readonly clock: Clock;
  readonly smarthost?: { readonly host: string; readonly port: number } | undefined;
  /** Port of the recipients' MX. */
  readonly port?: number;
}

/** Cache times: short enough to follow a change. Node does not return the TTL of MX records. */
const keepFound = 300_000;
const keepFailed = 60_000;
const mostDomains = 50_000;

export function createRouter(deps: RouterDeps): Router {
  const { dns, clock, smarthost, port = 25 } = deps;
  const everything =
    smarthost === undefined ? undefined : smarthostSite(smarthost.host, smarthost.port);
  const known = new LRUCache<string, Route>({
    max: mostDomains,
    ttl: keepFound,
    perf: clock,
    ttlResolution: 0,
    // A caller gets the answer even if the cache has evicted the domain meanwhile.
    ignoreFetchAbort: true,
    async fetchMethod(domain, _, { options }) {
      const route = await lookUp(dns, domain, port);
      if ('failure' in route) options.ttl = keepFailed;
      return route;
    },
  });

  async function group(
    recipients: readonly Recipient[],
    positions: Iterable<number>,
  ): Promise<Group[]> {
    if (everything !== undefined) return [{ site: everything, positions: [...positions] }];
    const groups = new Map<string, Group>();
    const routes = new Map<string, Promise<Route>>();
    const asked = [...positions].map((n) => {
      const domain = asciiDomain(domainOf(recipients[n]?.address ?? '')) ?? '';
      let route = routes.get(domain);
      if (route === undefined) routes.set(domain, (route = known.forceFetch(domain)));
      return { n, domain, route };
    });
    for (const { n, domain, route } of asked) {
      const found = await route;
      const key = 'site' in found ? `site ${found.site.key}` : `failure ${domain}`;
      const there = groups.get(key);
      if (there === undefined) groups.set(key, { ...found, positions: [n] });
      else there.positions.push(n);
    }
    return [...groups.values()];
  }

  return { group };
}
