import { replies, type Reply } from '@mysmtp/mail';
import type { SMTPServer, SMTPServerClient } from 'smtp-server';
import type { Sender } from '../credentials/sender.ts';
import { endWith, findConnection } from './connection.ts';

const every = 1_000;

/**
 * Ends connections of clients that take too long or send too much. The library restarts its timeout at each
 * octet, so a client that sends one octet a minute would keep its connection for ever. Also ends sessions of
 * credentials that have expired, between two commands.
 */
export function startTimeoutSweep(
  server: SMTPServer,
  limits: {
    readonly authTimeout: number;
    readonly commandTimeout: number;
    readonly dataTimeout: number;
    readonly sizeLimit: number;
  },
  hasExpired: (sender: Sender) => boolean,
): { stop(): void } {
  const over = new WeakSet<SMTPServerClient>();

  function overdue(client: SMTPServerClient, now: number): Reply | undefined {
    const connection = findConnection(client.session);
    const isUnauthenticated = connection !== undefined && connection.sender === undefined;
    if (isUnauthenticated && now - connection.openedAt > limits.authTimeout)
      return replies.authTimeLimit;
    if (client.turn === 'command' && connection?.sender !== undefined) {
      if (hasExpired(connection.sender)) return replies.credentialExpired;
    }
    const waited = now - client.turnSince;
    if (client.turn === 'command' && waited > limits.commandTimeout) return replies.tooSlow;
    if (client.turn !== 'data') return undefined;
    if (waited > limits.dataTimeout) return replies.tooSlow;
    // The refusal is sent at the end of the message, which may never come.
    return client.messageBytes > 2 * limits.sizeLimit ? replies.tooBig : undefined;
  }

  function round(): void {
    const now = performance.now();
    for (const client of server.connections) {
      const reply = overdue(client, now);
      if (reply !== undefined) endWith(client, reply);
      // A TLS socket whose client reset the connection at the wrong moment never closes on its own.
      if (client.turn !== 'closed') continue;
      if (over.has(client)) client.destroy();
      else over.add(client);
    }
  }

  const timer = setInterval(round, every).unref();
  return { stop: () => clearInterval(timer) };
}
