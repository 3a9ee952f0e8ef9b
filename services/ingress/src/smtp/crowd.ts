import type { Socket } from 'node:net';

/** Counts sockets, in all and by the address they come from. */
export interface Crowd {
  /** Counts a socket until it closes. */
  enter(socket: Socket): void;
  isCrowded(address: string): boolean;
  isEmpty(): boolean;
}

export function createCrowd(limits: {
  readonly connectionLimit: number;
  readonly connectionsPerAddress: number;
}): Crowd {
  const byAddress = new Map<string, number>();
  let all = 0;

  return {
    enter(socket) {
      const address = plain(socket.remoteAddress ?? '');
      all += 1;
      byAddress.set(address, (byAddress.get(address) ?? 0) + 1);
      socket.once('close', () => {
        all -= 1;
        const left = (byAddress.get(address) ?? 1) - 1;
        if (left === 0) byAddress.delete(address);
        else byAddress.set(address, left);
      });
    },
    isCrowded: (address) =>
      all > limits.connectionLimit ||
      (byAddress.get(plain(address)) ?? 0) > limits.connectionsPerAddress,
    isEmpty: () => all === 0,
  };
}

/** IPv4 as IPv4 however the socket tells it (RFC 4291 2.5.5.2). */
const plain = (address: string) => address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
