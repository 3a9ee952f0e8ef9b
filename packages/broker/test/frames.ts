import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What the peer does with a frame of the broker; `pass` sends octets to the client. */
export type OnFrame = (
  frame: { readonly octets: Buffer; readonly number: number; readonly connection: number },
  client: Socket,
) => void;

export interface Frames {
  readonly url: string;
  /** Connections so far. */
  connections(): number;
  /** Sockets that are open, of both ends. */
  open(): number;
  close(): Promise<void>;
}

/** A way to a real broker that has each of its frames in hand, numbered from 1 in each connection. */
export async function frameByFrame(url: string, onFrame: OnFrame): Promise<Frames> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    const connection = (connections += 1);
    const broker = connect(Number(target.port), target.hostname);
    for (const end of [client, broker]) {
      sockets.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => {
        sockets.delete(end);
        client.destroy();
        broker.destroy();
      });
    }
    client.pipe(broker);
    let rest = Buffer.alloc(0);
    let number = 0;
    broker.on('data', (octets) => {
      rest = Buffer.concat([rest, octets]);
      // Type, channel and size; the payload; the octet that ends a frame.
      while (rest.length >= 7 && rest.length >= rest.readUInt32BE(3) + 8) {
        const size = rest.readUInt32BE(3) + 8;
        onFrame({ octets: rest.subarray(0, size), number: (number += 1), connection }, client);
        rest = rest.subarray(size);
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const here = new URL(url);
  here.port = String((server.address() as AddressInfo).port);
  return {
    url: here.href,
    connections: () => connections,
    open: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** connection.close (on channel 0) or channel.close, as the broker sends it (AMQP 0-9-1, 1.4.2.9 and 1.5.2.5). */
export function closeFrame(channel: number, code: number): Buffer {
  const text = Buffer.from('closed by the test');
  const payload = Buffer.alloc(4 + 2 + 1 + text.length + 4);
  payload.writeUInt16BE(channel === 0 ? 10 : 20, 0);
  payload.writeUInt16BE(channel === 0 ? 50 : 40, 2);
  payload.writeUInt16BE(code, 4);
  payload.writeUInt8(text.length, 6);
  text.copy(payload, 7);
  const header = Buffer.alloc(7);
  header.writeUInt8(1, 0);
  header.writeUInt16BE(channel, 1);
  header.writeUInt32BE(payload.length, 3);
  return Buffer.concat([header, payload, Buffer.from([0xce])]);
}
