import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** One connection through the proxy. */
export interface Passage {
  readonly client: Socket;
  readonly server: Socket;
  /** Counts from 1. */
  readonly number: number;
}

export interface Way {
  readonly url: string;
  /** Passages so far. */
  passages(): number;
  /** Passages that are open. */
  open(): number;
  breakAll(): void;
  close(): Promise<void>;
}

/** A TCP proxy to the server of a URL, on a port of 127.0.0.1: any free one by default. */
export async function wayTo(
  url: string,
  options: {
    /** False: the client is disconnected at once. */
    readonly accepts?: () => boolean;
    /** Gets the client's data, which is forwarded automatically. */
    readonly onClient?: (octets: Buffer, passage: Passage) => void;
    /** Gets the server's data, and forwards it to the client as it decides. */
    readonly onServer: (octets: Buffer, passage: Passage) => void;
    readonly port?: number;
  },
): Promise<Way> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let passages = 0;
  // Small frames are not delayed, as on a direct connection.
  const server = createServer({ noDelay: true }, (client) => {
    if (options.accepts?.() === false) {
      client.destroy();
      return;
    }
    const onward = connect({
      port: Number(target.port),
      host: target.hostname,
      noDelay: true,
    });
    const passage: Passage = { client, server: onward, number: (passages += 1) };
    for (const end of [client, onward]) {
      sockets.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => {
        sockets.delete(end);
        client.destroy();
        onward.destroy();
      });
    }
    if (options.onClient !== undefined) {
      client.on('data', (octets) => options.onClient?.(octets, passage));
    }
    client.pipe(onward);
    onward.on('data', (octets) => options.onServer(octets, passage));
  });
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const here = new URL(url);
  here.port = String((server.address() as AddressInfo).port);
  // Otherwise the driver would connect to the address that the server announces.
  if (here.protocol === 'mongodb:') here.searchParams.set('directConnection', 'true');
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: here.href,
    passages: () => passages,
    // Two sockets each.
    open: () => sockets.size / 2,
    breakAll,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        breakAll();
      }),
  };
}
