import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { unlessMissing } from '@mysmtp/mail';
import pTimeout from 'p-timeout';
import type { MailResolver } from '../routing/lookup.ts';
import type { Site } from '../routing/site.ts';
import { isAllowedAddress } from '@mysmtp/http';

/** Finds the addresses of a site's hosts, and records why there were none. */
export interface Search {
  /**
   * The addresses of a host that may be dialled and were not found before, IPv4 first. Each address
   * family is looked up when it is needed.
   */
  addressesOf(host: string): AsyncIterable<string>;
  /** At least one DNS query failed: there may be more addresses. */
  hasFailed(): boolean;
  /** There are addresses that may not be dialled. */
  hasRefused(): boolean;
}

export function createSearch(
  deps: { readonly dns: MailResolver; readonly privateMx: boolean },
  { smarthost }: Site,
  signal: AbortSignal,
): Search {
  const { dns, privateMx } = deps;
  const found = new Set<string>();
  let hasFailed = false;
  let hasRefused = false;

  async function* addressesOf(host: string): AsyncGenerator<string> {
    for (const family of [4, 6] as const) {
      for (const address of await resolve(host, family)) {
        if (found.has(address)) continue;
        found.add(address);
        // The operator configures the smarthost, so it may have any address.
        if (smarthost || isAllowedAddress(address, privateMx)) yield address;
        else hasRefused = true;
      }
    }
  }

  async function resolve(host: string, family: 4 | 6): Promise<string[]> {
    if (isIP(host) !== 0) return isIP(host) === family ? [host] : [];
    try {
      // A lookup cannot be cancelled, but the wait for it can.
      return await pTimeout(unlessMissing(ask(host, family)), { milliseconds: Infinity, signal });
    } catch {
      hasFailed = true;
      return [];
    }
  }

  function ask(host: string, family: 4 | 6): Promise<string[]> {
    if (smarthost) return systemLookup(host, family);
    return family === 4 ? dns.resolve4(host) : dns.resolve6(host);
  }

  return { addressesOf, hasFailed: () => hasFailed, hasRefused: () => hasRefused };
}

/** The smarthost may be named in /etc/hosts, or by a cluster's short name. */
async function systemLookup(host: string, family: 4 | 6): Promise<string[]> {
  const answers = await lookup(host, { all: true, family });
  return answers.map(({ address }) => address);
}
