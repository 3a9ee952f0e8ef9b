import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to the broker on which everything goes through at once but what it says to the publisher. */
export interface SlowConfirms {
  readonly url: string;
  hold(): void;
  /** Everything that was held goes on. */
  release(): void;
  /** Every other connection breaks; the next ones come through. */
  cutOthers(): void;
  close(): Promise<void>;
}

/** As the publisher's connection names itself when it begins. */
const publisher = '(publish)';

export async function slowConfirms(url: string): Promise<SlowConfirms> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const others = new Set<Socket>();
  const held: (() => void)[] = [];
  let holding = false;
  const server = createServer((client) => {
    const broker = connect(Number(target.port), target.hostname);
    let isPublisher = false;
    others.add(client);
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        broker.destroy();
      });
    }
    client.on('data', (octets) => {
      isPublisher ||= octets.includes(publisher);
      if (isPublisher) others.delete(client);
      broker.write(octets);
    });
    broker.on('data', (octets) => {
      const goOn = (): void => void client.write(octets);
      if (holding && isPublisher) held.push(goOn);
      else goOn();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const here = new URL(url);
  here.port = String((server.address() as AddressInfo).port);
  return {
    url: here.href,
    hold() {
      holding = true;
    },
    release() {
      holding = false;
      for (const goOn of held.splice(0)) goOn();
    },
    cutOthers() {
      for (const socket of others) socket.destroy();
      others.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
