import type { Socket } from 'node:net';
import { placeOf } from './place.ts';

/** Counts sockets, in all and by the place they come from. */
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
  const byPlace = new Map<string, number>();
  /** Their places: a socket that has closed does not know its address any more. */
  const sockets = new Map<Socket, string>();

  function leave(socket: Socket): void {
    const place = sockets.get(socket);
    if (place === undefined) return;
    sockets.delete(socket);
    const left = (byPlace.get(place) ?? 1) - 1;
    if (left === 0) byPlace.delete(place);
    else byPlace.set(place, left);
  }

  const watch = (socket: Socket): void => void socket.once('close', () => leave(socket));

  return {
    enter(socket) {
      const place = placeOf(socket.remoteAddress ?? '');
      sockets.set(socket, place);
      byPlace.set(place, (byPlace.get(place) ?? 0) + 1);
      watch(socket);
    },
    watch,
    isCrowded: (address) =>
      sockets.size > limits.connectionLimit ||
      (byPlace.get(placeOf(address)) ?? 0) > limits.connectionsPerAddress,
    isEmpty: () => sockets.size === 0,
  };
}
