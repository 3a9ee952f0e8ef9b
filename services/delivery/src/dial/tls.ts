import { createSecureContext } from 'node:tls';
import { hour } from '@mysmtp/contracts';
import type { TlsTicket, TlsUse } from '@mysmtp/smtp-client';

/** Opportunistic TLS (RFC 7435): any TLS is better than clear text. */
export interface OpportunisticTls {
  /** The modes to try, one connection after the other, as long as TLS is the failure. */
  usesFor(host: string): Iterable<TlsUse>;
}

const mostHosts = 1_000;
/** A resumed session shows no certificate. After this time the host must present it again. */
const longest = hour;

export function createOpportunisticTls(): OpportunisticTls {
  // Without TLS 1.0, servers that support nothing newer would get clear text. Security level 0 allows the
  // signatures of TLS 1.0. The best version that both sides support is still used.
  const secureContext = createSecureContext({
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
  });
  /** The newest ticket of each host, in the order of arrival. */
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
        // Resumption failed, perhaps because of the ticket. This must not lead to clear text.
        tickets.delete(host);
      }
      yield full;
      yield { use: 'never', because: 'tls_failed' };
    },
  };
}
