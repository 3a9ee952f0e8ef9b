import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/**
 * How a peer handles a command: accept it, refuse it with this reply, never answer, or cut the connection.
 */
export type Behaviour =
  | 'accept'
  | 'hang'
  | 'reset'
  | { readonly code: number; readonly text: string };

export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  /** Parameters of MAIL FROM, as given. */
  readonly parameters: Readonly<Record<string, string | true>>;
  readonly secure: boolean;
  readonly ehloName: string;
  /** Exactly the octets of DATA, dots unstuffed. */
  readonly raw: Buffer;
}

export interface PeerScript {
  readonly onConnect?: () => Behaviour;
  readonly onMail?: (from: string) => Behaviour;
  readonly onRcpt?: (to: string) => Behaviour;
  /** Called after the final dot. With `reset` there the sender gets no reply. */
  readonly onData?: (message: Received) => Behaviour;
  readonly options?: SMTPServerOptions;
  /** Its address; a free port of 127.0.0.1 by default. Peers with one port need different hosts. */
  readonly host?: string;
  readonly port?: number;
}

export interface Peer {
  readonly host: string;
  readonly port: number;
  /** The messages that it has answered with 250. */
  readonly received: Received[];
  /** All messages with a final dot, whatever the answer was. */
  readonly attempted: Received[];
  connections(): number;
  close(): Promise<void>;
}

/**
 * A real SMTP receiver with scripted answers. It has no TLS unless `options` has a key and a certificate;
 * extensions are hidden through smtp-server's own options.
 */
export async function startPeer(script: PeerScript = {}): Promise<Peer> {
  const received: Received[] = [];
  const attempted: Received[] = [];
  let connections = 0;
  const server: SMTPServer = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    size: 64 * 1024 * 1024,
    hideSTARTTLS: script.options?.key === undefined,
    ...script.options,
    onConnect: (session, callback) => {
      connections += 1;
      answer(script.onConnect?.(), session.remotePort, callback);
    },
    onMailFrom: (address, session, callback) =>
      answer(script.onMail?.(address.address), session.remotePort, callback),
    onRcptTo: (address, session, callback) =>
      answer(script.onRcpt?.(address.address), session.remotePort, callback),
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      // If the sender disconnects during a message, nothing counts as received.
      stream.on('error', () => undefined);
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const message: Received = {
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          parameters: (mailFrom === false ? undefined : mailFrom.args || undefined) ?? {},
          secure: session.secure,
          ehloName: session.hostNameAppearsAs,
          raw: Buffer.concat(chunks),
        };
        attempted.push(message);
        const behaviour = script.onData?.(message) ?? 'accept';
        if (behaviour === 'accept') received.push(message);
        answer(behaviour, session.remotePort, callback);
      });
    },
  });
  server.on('error', () => undefined);

  function answer(
    behaviour: Behaviour | undefined,
    remotePort: number,
    callback: (error?: Error | null) => void,
  ): void {
    if (behaviour === undefined || behaviour === 'accept') callback();
    else if (behaviour === 'reset') cut(remotePort);
    else if (behaviour !== 'hang') {
      callback(Object.assign(new Error(behaviour.text), { responseCode: behaviour.code }));
    }
  }

  const sockets = new Set<Socket>();
  server.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  function cut(remotePort: number): void {
    for (const socket of sockets) if (socket.remotePort === remotePort) socket.resetAndDestroy();
  }

  const host = script.host ?? '127.0.0.1';
  server.listen(script.port ?? 0, host);
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    host,
    port,
    received,
    attempted,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await sleep(10);
    },
  };
}
