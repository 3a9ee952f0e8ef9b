import { createSecureContext } from 'node:tls';
import { hour } from '@mysmtp/contracts';
import type { TlsTicket, TlsUse } from '@mysmtp/smtp-client';

/** How a host is spoken to: opportunistic TLS (RFC 7435), and whatever TLS is better than none. */
export interface OpportunisticTls {
  /** What to try, one connection after the other, as long as it is TLS that fails. */
  usesFor(host: string): Iterable<TlsUse>;
}

const mostHosts = 1_000;
/** A resumed session shows no certificate: after so long the host has to show it again. */
const longest = hour;

export function createOpportunisticTls(): OpportunisticTls {
  // Servers that know nothing newer would get clear text. Security level 0 allows the signatures of
  // TLS 1.0. The best version that both sides know is taken all the same.
  const secureContext = createSecureContext({
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
  });
  /** The newest of each host, in the order in which they came. */
  const tickets = new Map<string, TlsTicket>();

  function keep(host: string, ticket: TlsTicket): void {
    tickets.delete(host);
    tickets.set(host, ticket);
    if (tickets.size <= mostHosts) return;
    for (const oldest of tickets.keys().take(1)) tickets.delete(oldest);
  }

  return {
    *usesFor(host) {
      const full: TlsUse = {
        use: 'if_offered',
        serverName: host,
        options: { secureContext },
        onTicket: (ticket) => keep(host, ticket),
      };
      const resume = tickets.get(host);
      if (resume !== undefined && Date.now() - resume.identity.at < longest) {
        yield { ...full, resume };
        // It failed. Perhaps the server stumbles over tickets: that must not lead to clear text.
        tickets.delete(host);
      }
      yield full;
      yield { use: 'never', because: 'tls_failed' };
    },
  };
}
