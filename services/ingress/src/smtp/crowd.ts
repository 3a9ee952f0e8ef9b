import type { Socket } from 'node:net';

/** Counts sockets, in all and by the address they come from. */
export interface Crowd {
  /** Counts a socket until it closes. */
  enter(socket: Socket): void;
  /** Listens for the end of a counted socket anew, after somebody took all listeners away. */
  watch(socket: Socket): void;
  isCrowded(address: string): boolean;
  isEmpty(): boolean;
}

export function createCrowd(limits: {
  readonly connectionLimit: number;
  readonly connectionsPerAddress: number;
}): Crowd {
  const byAddress = new Map<string, number>();
  /** Their addresses: a socket that has closed does not know its own any more. */
  const sockets = new Map<Socket, string>();

  function leave(socket: Socket): void {
    const address = sockets.get(socket);
    if (address === undefined) return;
    sockets.delete(socket);
    const left = (byAddress.get(address) ?? 1) - 1;
    if (left === 0) byAddress.delete(address);
    else byAddress.set(address, left);
  }

  const watch = (socket: Socket): void => void socket.once('close', () => leave(socket));

  return {
    enter(socket) {
      const address = plain(socket.remoteAddress ?? '');
      sockets.set(socket, address);
      byAddress.set(address, (byAddress.get(address) ?? 0) + 1);
      watch(socket);
    },
    watch,
    isCrowded: (address) =>
      sockets.size > limits.connectionLimit ||
      (byAddress.get(plain(address)) ?? 0) > limits.connectionsPerAddress,
    isEmpty: () => sockets.size === 0,
  };
}

/** IPv4 as IPv4 however the socket tells it (RFC 4291 2.5.5.2). */
const plain = (address: string) => address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
