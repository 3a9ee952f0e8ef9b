import { lookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { Agent, fetch as undiciFetch } from 'undici';
import { isAllowedAddress } from './allowed-address.ts';

/** The URL leads to an address, a port or a scheme that customers may not make us call. */
export class ForbiddenUrlError extends Error {
  constructor() {
    super('Only https URLs on the internet are called, on port 443');
    this.name = 'ForbiddenUrlError';
  }
}

/** Octets. The answers are small documents. */
const largest = 1_048_576;
/** Milliseconds, each for the connection, the headers and the body. */
const patience = 5_000;

/**
 * `fetch` for URLs that a customer has named. It calls only servers on the internet: the address of the
 * connection itself is checked, after DNS, so a name that leads to a private address is refused also if DNS
 * answers differently the second time. Redirects are not followed. `allowPrivate`: every address, port and
 * plain HTTP, for development.
 */
export function createGuardedFetch({ allowPrivate }: { readonly allowPrivate: boolean }): {
  readonly fetch: typeof fetch;
  close(): Promise<void>;
} {
  const isAllowed = (address: string) => isAllowedAddress(address, allowPrivate);

  const agent = new Agent({
    connect: {
      timeout: patience,
      lookup(hostname, options, callback) {
        lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
          if (error !== null) return callback(error, []);
          const allowed = found.filter(({ address }) => isAllowed(address));
          if (allowed.length === 0) return callback(new ForbiddenUrlError(), []);
          return callback(null, allowed);
        });
      },
    },
    headersTimeout: patience,
    bodyTimeout: patience,
    maxResponseSize: largest,
  });

  function check(url: URL): void {
    const host = url.hostname.replaceAll(/^\[|\]$/g, '');
    // No name is looked up for a literal address.
    if (isIP(host) !== 0 && !isAllowed(host)) throw new ForbiddenUrlError();
    if (allowPrivate) return;
    if (url.protocol !== 'https:' || url.port !== '') throw new ForbiddenUrlError();
  }

  return {
    // Both are the fetch of undici, but Node's own cannot have an agent of another version.
    fetch: (async (input: string | URL, options: object = {}) => {
      check(new URL(input));
      const guarded = { ...options, redirect: 'manual', dispatcher: agent } as const;
      return undiciFetch(input, guarded);
    }) as unknown as typeof fetch,
    close: () => agent.close(),
  };
}
