import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that can be cut: what is open breaks, and what is tried meanwhile is refused. */
export interface Proxy {
  readonly url: string;
  /** How many are open. */
  connections(): number;
  cut(): void;
  /** What is said still arrives, but nothing comes back before it is mended. */
  deafen(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Listens on a port of 127.0.0.1, any free one unless said. */
export async function proxyTo(url: string, port = 0): Promise<Proxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let isCut = false;
  let isDeaf = false;
  const heldBack: (() => void)[] = [];
  // Small frames wait for no others on their way, as they do not between the ends.
  const server = createServer({ noDelay: true }, (socket) => {
    if (isCut) {
      socket.destroy();
      return;
    }
    const onward = connect({
      port: Number(target.port),
      host: target.hostname,
      noDelay: true,
    });
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => {
        sockets.delete(end);
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward);
    onward.on('data', (octets) => {
      const goOn = (): void => void socket.write(octets);
      if (isDeaf) heldBack.push(goOn);
      else goOn();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  const here = new URL(url);
  here.port = String((server.address() as AddressInfo).port);
  // Otherwise the driver would go to the address that the server tells of itself.
  if (here.protocol === 'mongodb:') here.searchParams.set('directConnection', 'true');
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: here.href,
    // Two sockets each.
    connections: () => sockets.size / 2,
    cut() {
      isCut = true;
      breakAll();
    },
    deafen() {
      isDeaf = true;
    },
    mend() {
      isCut = false;
      isDeaf = false;
      for (const goOn of heldBack.splice(0)) goOn();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        breakAll();
      }),
  };
}
