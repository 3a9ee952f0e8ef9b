import type { Socket } from 'node:net';
import { CodedError } from '@mysmtp/contracts';
import { clientNetworksOf } from '@mysmtp/http';

/** The slot of a connection, from the moment its socket is accepted. */
export interface Slot {
  /** All were taken when its connection came; it does not count. */
  readonly isRefused: boolean;
  /** Ends the connection in favour of another one: with a reply once its session has begun. */
  evict: () => void;
  /** From then on the slot is not given to another connection. */
  authenticated(): void;
}

/** Counts sockets, in all and by the places they come from. */
export interface Crowd {
  /** Counts a socket until it closes, if there is room. */
  enter(socket: Socket, evict: () => void): Slot;
  /** The slot of a socket that has entered. */
  slotOf(socket: Socket): Slot;
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
  /** Of those, the ones without AUTH, the oldest first. */
  const unauthenticated = new Map<Socket, Slot>();
  const slots = new WeakMap<Socket, Slot>();

  function count(place: string, difference: 1 | -1): void {
    const number = (byPlace.get(place) ?? 0) + difference;
    if (number === 0) byPlace.delete(place);
    else byPlace.set(place, number);
  }

  /** Whether there is a slot, be it because somebody left it. */
  function makeRoom(): boolean {
    if (present.size < limits.connectionLimit) return true;
    const [oldest] = unauthenticated;
    if (oldest === undefined) return false;
    const [socket, slot] = oldest;
    present.get(socket)?.();
    slot.evict();
    return true;
  }

  return {
    enter(socket, evict) {
      const places = clientNetworksOf(socket.remoteAddress ?? '');
      const isCrowded = places.some(
        ({ name, share }) => (byPlace.get(name) ?? 0) >= share * limits.connectionsPerAddress,
      );
      const slot = {
        isRefused: isCrowded || !makeRoom(),
        evict,
        authenticated: () => void unauthenticated.delete(socket),
      };
      slots.set(socket, slot);
      if (slot.isRefused) return slot;
      for (const { name } of places) count(name, 1);
      const leave = (): void => {
        if (!present.delete(socket)) return;
        unauthenticated.delete(socket);
        for (const { name } of places) count(name, -1);
      };
      present.set(socket, leave);
      unauthenticated.set(socket, slot);
      socket.once('close', leave);
      return slot;
    },
    slotOf(socket) {
      const slot = slots.get(socket);
      if (slot === undefined)
        throw new CodedError('internal_fault', 'A socket that nobody counted');
      return slot;
    },
    isEmpty: () => present.size === 0,
  };
}
