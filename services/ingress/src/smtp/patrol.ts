import type { Socket } from 'node:net';
import { replies, type Reply } from '@mysmtp/mail';
import type { Connection } from './connection.ts';
import type { SubmissionServer } from './server.ts';

const every = 1_000;

/** A TLS handshake takes a few round trips. */
const handshakeLimit = 30_000;

/**
 * Ends connections of clients that take too long or send too much. The library's timeout starts
 * anew with each octet, so that one octet a minute would keep a connection for ever.
 */
export function startPatrol(
  server: SubmissionServer,
  limits: {
    readonly commandTimeout: number;
    readonly dataTimeout: number;
    readonly sizeLimit: number;
  },
): { stop(): void } {
  const firstSeen = new WeakMap<Socket, number>();
  const over = new WeakSet<Connection>();

  function overdue(connection: Connection, now: number): Reply | undefined {
    if (connection.isBusy()) return undefined;
    const waited = now - connection.waitingSince;
    if (!connection.isReceiving()) {
      return waited > limits.commandTimeout ? replies.tooSlow : undefined;
    }
    if (waited > limits.dataTimeout) return replies.tooSlow;
    // Its refusal waits at the end of the message, which does not come.
    return connection.receivedOctets() > 2 * limits.sizeLimit ? replies.tooBig : undefined;
  }

  function round(): void {
    const now = performance.now();
    for (const connection of server.open()) {
      const reply = overdue(connection, now);
      if (reply !== undefined) connection.end(reply);
      // A TLS socket whose client reset the connection at the wrong moment never closes by itself.
      if (!connection.isOver()) continue;
      if (over.has(connection)) connection.drop();
      else over.add(connection);
    }
    for (const [socket, topmost] of server._pendingSockets) {
      const since = firstSeen.get(socket) ?? now;
      firstSeen.set(socket, since);
      if (now - since > handshakeLimit && topmost !== socket) topmost.destroy();
    }
  }

  const timer = setInterval(round, every).unref();
  return { stop: () => clearInterval(timer) };
}
