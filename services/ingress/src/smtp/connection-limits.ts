import type { Socket } from 'node:net';
import { CodedError } from '@mysmtp/contracts';
import { clientNetworksOf } from '@mysmtp/http';

/** The slot of a connection, from the moment its socket is accepted. */
export interface Slot {
  /** No slot was free when the connection came. The connection is not counted. */
  readonly isRefused: boolean;
  /** Ends the connection in favour of another one. A session that has begun gets a reply. */
  evict: () => void;
  /** After this call the slot is not given to another connection. */
  authenticated(): void;
}

/** Counts sockets, in total and by client network. */
export interface ConnectionLimits {
  /** Counts a socket until it closes, if there is room. */
  enter(socket: Socket, evict: () => void): Slot;
  /** The slot of a socket that has entered. */
  slotOf(socket: Socket): Slot;
  isEmpty(): boolean;
}

/**
 * If all slots are in use, the oldest unauthenticated connection is evicted. So a client that authenticates
 * at once is served, even if an attacker has many addresses.
 */
export function createConnectionLimits(limits: {
  readonly connectionLimit: number;
  readonly connectionsPerAddress: number;
}): ConnectionLimits {
  const byNetwork = new Map<string, number>();
  /** Counted sockets, each with the function that ends its count. */
  const present = new Map<Socket, () => void>();
  /** Counted sockets without AUTH, the oldest first. */
  const unauthenticated = new Map<Socket, Slot>();
  const slots = new WeakMap<Socket, Slot>();

  function count(network: string, difference: 1 | -1): void {
    const number = (byNetwork.get(network) ?? 0) + difference;
    if (number === 0) byNetwork.delete(network);
    else byNetwork.set(network, number);
  }

  /** Whether a slot is free, if necessary after an eviction. */
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
      const networks = clientNetworksOf(socket.remoteAddress ?? '');
      const isOverLimit = networks.some(
        ({ name, share }) => (byNetwork.get(name) ?? 0) >= share * limits.connectionsPerAddress,
      );
      const slot = {
        isRefused: isOverLimit || !makeRoom(),
        evict,
        authenticated: () => void unauthenticated.delete(socket),
      };
      slots.set(socket, slot);
      if (slot.isRefused) return slot;
      for (const { name } of networks) count(name, 1);
      const leave = (): void => {
        if (!present.delete(socket)) return;
        unauthenticated.delete(socket);
        for (const { name } of networks) count(name, -1);
      };
      present.set(socket, leave);
      unauthenticated.set(socket, slot);
      socket.once('close', leave);
      return slot;
    },
    slotOf(socket) {
      const slot = slots.get(socket);
      if (slot === undefined) throw new CodedError('internal_fault', 'The socket was not counted');
      return slot;
    },
    isEmpty: () => present.size === 0,
  };
}
