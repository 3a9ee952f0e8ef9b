import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A port that forwards to another one. */
export interface Forwarding {
  readonly port: number;
  close(): void;
}

/** Listens on a port of `address`; each connection to it is forwarded through one that `open` creates. */
export async function forward(address: string, open: () => Socket): Promise<Forwarding> {
  const server = createServer((socket) => {
    const onward = open();
    for (const end of [socket, onward]) {
      end.on('error', () => end.destroy());
      end.on('close', () => {
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward).pipe(socket);
  });
  await listening(server, address);
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

const listening = (server: Server, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
