import type { Socket } from 'node:net';
import { CodedError } from '@mysmtp/contracts';
import { clientNetworksOf } from '@mysmtp/http';
import { Node, Yallist } from 'yallist';

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

/** A slot that is counted, until its socket closes or it is evicted. */
interface CountedSlot extends Slot {
  leave(): void;
}

/** On the socket: a map would keep it in memory after its end (docs/performance.md). */
const own = Symbol('slot');

type OwnSocket = Socket & { [own]?: Slot };

/**
 * If all slots are in use, the oldest unauthenticated connection is evicted. So a client that authenticates
 * at once is served, even if an attacker has many addresses.
 */
export function createConnectionLimits(limits: {
  readonly connectionLimit: number;
  readonly connectionsPerAddress: number;
}): ConnectionLimits {
  const byNetwork = new Map<string, number>();
  let present = 0;
  /** Without AUTH, the oldest first. */
  const unauthenticated = new Yallist<CountedSlot>();

  function count(network: string, difference: 1 | -1): void {
    const number = (byNetwork.get(network) ?? 0) + difference;
    if (number === 0) byNetwork.delete(network);
    else byNetwork.set(network, number);
  }

  /** Whether a slot is free, if necessary after an eviction. */
  function makeRoom(): boolean {
    if (present < limits.connectionLimit) return true;
    const oldest = unauthenticated.head?.value;
    if (oldest === undefined) return false;
    oldest.leave();
    oldest.evict();
    return true;
  }

  return {
    enter(socket: OwnSocket, evict) {
      const networks = clientNetworksOf(socket.remoteAddress ?? '');
      const isOverLimit = networks.some(
        ({ name, share }) => (byNetwork.get(name) ?? 0) >= share * limits.connectionsPerAddress,
      );
      let isCounted = false;
      const slot: CountedSlot = {
        isRefused: isOverLimit || !makeRoom(),
        evict,
        authenticated: () => node.list?.removeNode(node),
        leave() {
          if (!isCounted) return;
          isCounted = false;
          present -= 1;
          slot.authenticated();
          for (const { name } of networks) count(name, -1);
        },
      };
      const node = new Node(slot);
      socket[own] = slot;
      if (slot.isRefused) return slot;
      isCounted = true;
      present += 1;
      for (const { name } of networks) count(name, 1);
      unauthenticated.pushNode(node);
      socket.once('close', slot.leave);
      return slot;
    },
    slotOf(socket: OwnSocket) {
      const slot = socket[own];
      if (slot === undefined) throw new CodedError('internal_fault', 'The socket was not counted');
      return slot;
    },
    isEmpty: () => present === 0,
  };
}
