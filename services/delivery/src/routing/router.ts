import { asciiDomain, domainOf } from '@mysmtp/mail';
import type { Recipient } from '@mysmtp/contracts';
import type { Clock } from '@mysmtp/service';
import { LRUCache } from 'lru-cache';
import { lookUp, type MailResolver } from './lookup.ts';
import { smarthostSite, type NoRoute, type Route, type Site } from './site.ts';

/** Recipients of one message that go the same way: one transaction, or one failure. */
export type Group = { readonly places: number[] } & (
  | { readonly site: Site }
  | { readonly failure: NoRoute }
);

export interface Router {
  /** Groups the recipients at these places of the envelope by site. */
  group(recipients: readonly Recipient[], places: Iterable<number>): Promise<Group[]>;
}

export interface RouterSettings {
  readonly dns: MailResolver;
  readonly clock: Clock;
  readonly smarthost?: { readonly host: string; readonly port: number } | undefined;
  /** Port of the recipients' MX. */
  readonly port?: number;
}

/** Answers are kept for a while whatever their TTL, which Node does not show for MX: short enough to follow a move. */
const keepFound = 300_000;
const keepFailed = 60_000;
const mostDomains = 50_000;

export function createRouter(settings: RouterSettings): Router {
  const { dns, clock, smarthost, port = 25 } = settings;
  const everything =
    smarthost === undefined ? undefined : smarthostSite(smarthost.host, smarthost.port);
  const known = new LRUCache<string, Route>({
    max: mostDomains,
    ttl: keepFound,
    perf: clock,
    ttlResolution: 0,
    // Whoever asked gets the answer, although the domain was pushed out meanwhile.
    ignoreFetchAbort: true,
    async fetchMethod(domain, _, { options }) {
      const route = await lookUp(dns, domain, port);
      if ('failure' in route) options.ttl = keepFailed;
      return route;
    },
  });

  async function group(
    recipients: readonly Recipient[],
    places: Iterable<number>,
  ): Promise<Group[]> {
    if (everything !== undefined) return [{ site: everything, places: [...places] }];
    const groups = new Map<string, Group>();
    const routes = new Map<string, Promise<Route>>();
    const asked = [...places].map((n) => {
      const domain = asciiDomain(domainOf(recipients[n]?.address ?? '')) ?? '';
      let route = routes.get(domain);
      if (route === undefined) routes.set(domain, (route = known.forceFetch(domain)));
      return { n, domain, route };
    });
    for (const { n, domain, route } of asked) {
      const found = await route;
      const key = 'site' in found ? `site ${found.site.key}` : `failure ${domain}`;
      const there = groups.get(key);
      if (there === undefined) groups.set(key, { ...found, places: [n] });
      else there.places.push(n);
    }
    return [...groups.values()];
  }

  return { group };
}
