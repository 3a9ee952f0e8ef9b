import { setTimeout as sleep } from 'node:timers/promises';
import { replies } from '@mysmtp/mail';
import type { Certificate } from '@mysmtp/service';
import type { SMTPServerClient } from 'smtp-server';
import { Yallist } from 'yallist';
import type { IngressConfig } from '../config.ts';
import type { ListenerName } from '../telemetry.ts';
import { endWith, findConnection } from './connection.ts';
import type { SmtpContext } from './context.ts';
import { createConnectionLimits } from './connection-limits.ts';
import { openListener, type Listener } from './listener.ts';

/**
 * How long a client has to read its 421 and disconnect. If the process ends earlier, the connection breaks
 * and the client gets an error instead of the 421.
 */
const farewell = 3_000;

export interface Listeners {
  /**
   * Accepts no more connections. Idle sessions get 421. Sessions in a transaction may finish it within
   * `patience` milliseconds. A session with a running publish gets its true reply first.
   */
  close(patience: number): Promise<void>;
}

export async function openListeners(
  context: SmtpContext,
  config: Pick<
    IngressConfig,
    'smtpName' | 'bindAddress' | 'starttlsPort' | 'tlsPort' | 'networkPort'
  >,
  certificate: Certificate,
): Promise<Listeners> {
  const connectionLimits = createConnectionLimits(context.limits);
  // Not a `Set`, which would keep what has ended in memory (docs/performance.md).
  const underWay = new Yallist<Promise<void>>();
  const open = (name: ListenerName, port: number): Promise<Listener> =>
    openListener(context, {
      name,
      port,
      smtpName: config.smtpName,
      address: config.bindAddress,
      certificate,
      connectionLimits,
      underWay,
    });
  const listeners = [
    await open('starttls', config.starttlsPort),
    await open('tls', config.tlsPort),
  ];
  if (config.networkPort !== undefined) listeners.push(await open('network', config.networkPort));

  async function drain(until: number): Promise<void> {
    for (;;) {
      const clients = listeners.flatMap(({ server }) => [...server.connections]);
      if (clients.length === 0) return;
      const late = performance.now() > until;
      for (const client of clients) {
        const isOwed = findConnection(client.session)?.published === true;
        if (isIdle(client) || (late && !isOwed)) endWith(client, replies.stopping);
      }
      await sleep(20);
    }
  }

  return {
    async close(patience) {
      for (const listener of listeners) listener.stopListening();
      await drain(performance.now() + patience);
      // A client may have disconnected before its reply. Its message is still published.
      await Promise.all(underWay);
      const gone = performance.now() + farewell;
      while (!connectionLimits.isEmpty() && performance.now() < gone) await sleep(20);
      for (const listener of listeners) listener.close();
    },
  };
}

/** True between transactions: nothing is lost if the connection ends now. */
const isIdle = ({ turn, session }: SMTPServerClient): boolean =>
  turn === 'handshake' || (turn === 'command' && session.envelope.mailFrom === false);
