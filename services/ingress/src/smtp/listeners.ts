import { setTimeout as sleep } from 'node:timers/promises';
import { replies } from '@mysmtp/mail';
import type { Certificate } from '@mysmtp/service';
import type { SMTPServerClient } from 'smtp-server';
import type { IngressConfig } from '../config.ts';
import type { ListenerName } from '../events.ts';
import { endWith, findConnection } from './connection.ts';
import type { SmtpContext } from './context.ts';
import { createCrowd } from './crowd.ts';
import { openListener, type Listener } from './listener.ts';

/**
 * How long a client that was told to go has to read that and leave. A process that ends before breaks
 * the connection, and the client finds an error in the place of its 421.
 */
const farewell = 3_000;

export interface Listeners {
  /**
   * Takes no more connections; idle sessions are told to go, those in a transaction may finish it
   * for so many milliseconds, and whoever has a publish under way gets its true answer first.
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
  const crowd = createCrowd(context.limits);
  const underWay = new Set<Promise<void>>();
  const open = (name: ListenerName, port: number): Promise<Listener> =>
    openListener(context, {
      name,
      port,
      smtpName: config.smtpName,
      address: config.bindAddress,
      certificate,
      crowd,
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
      // A client may have left before its answer: its message is published all the same.
      await Promise.all(underWay);
      const gone = performance.now() + farewell;
      while (!crowd.isEmpty() && performance.now() < gone) await sleep(20);
      for (const listener of listeners) listener.close();
    },
  };
}

/** True between transactions: nothing is lost if it ends now. */
const isIdle = ({ turn, session }: SMTPServerClient): boolean =>
  turn === 'handshake' || (turn === 'command' && session.envelope.mailFrom === false);
