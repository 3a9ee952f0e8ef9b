import type { Socket } from 'node:net';
import { placesOf } from './place.ts';

/** One connection among all, from the moment its socket is accepted. */
export interface Guest {
  /** There was no room for it; it does not count. */
  readonly isRefused: boolean;
  /** How it is told to go if its slot is needed; until its session begins, without a word. */
  turnAway: () => void;
  /** It has said who it is: its slot goes to nobody else any more. */
  identified(): void;
}

/** Counts sockets, in all and by the places they come from. */
export interface Crowd {
  /** Counts a socket until it closes, if there is room. */
  enter(socket: Socket, turnAway: () => void): Guest;
  /** The guest that entered with this socket. */
  guestOf(socket: Socket): Guest;
  isEmpty(): boolean;
}

/**
 * If all slots are taken, the oldest connection that has not authenticated makes room. However many
 * addresses somebody has, who signs in at once is served.
 */
export function createCrowd(limits: {
  readonly connectionLimit: number;
  readonly connectionsPerAddress: number;
}): Crowd {
  const byPlace = new Map<string, number>();
  /** How each of those that count leaves. */
  const present = new Map<Socket, () => void>();
  /** Of those, who has not said who it is, the oldest first. */
  const strangers = new Map<Socket, Guest>();
  const guests = new WeakMap<Socket, Guest>();

  function count(place: string, difference: 1 | -1): void {
    const number = (byPlace.get(place) ?? 0) + difference;
    if (number === 0) byPlace.delete(place);
    else byPlace.set(place, number);
  }

  /** Whether there is a slot, be it because somebody left it. */
  function makeRoom(): boolean {
    if (present.size < limits.connectionLimit) return true;
    const [oldest] = strangers;
    if (oldest === undefined) return false;
    const [socket, guest] = oldest;
    present.get(socket)?.();
    guest.turnAway();
    return true;
  }

  return {
    enter(socket, turnAway) {
      const places = placesOf(socket.remoteAddress ?? '');
      const isCrowded = places.some(
        ({ name, share }) => (byPlace.get(name) ?? 0) >= share * limits.connectionsPerAddress,
      );
      const guest = {
        isRefused: isCrowded || !makeRoom(),
        turnAway,
        identified: () => void strangers.delete(socket),
      };
      guests.set(socket, guest);
      if (guest.isRefused) return guest;
      for (const { name } of places) count(name, 1);
      const leave = (): void => {
        if (!present.delete(socket)) return;
        strangers.delete(socket);
        for (const { name } of places) count(name, -1);
      };
      present.set(socket, leave);
      strangers.set(socket, guest);
      socket.once('close', leave);
      return guest;
    },
    guestOf(socket) {
      const guest = guests.get(socket);
      if (guest === undefined) throw new Error('A socket that nobody counted');
      return guest;
    },
    isEmpty: () => present.size === 0,
  };
}
