import type { Clock } from '@mysmtp/service';
import pTimeout from 'p-timeout';
import type { NextMessage, RecipientResult } from '@mysmtp/smtp-client';
import { Node, Yallist } from 'yallist';
import { NotConnected, type Connection, type Dial, type DialFailure } from '../dial/dial.ts';
import type { Site } from '../routing/site.ts';
import { createCapacity } from './capacity.ts';
import { createFairQueue, type Waiting } from './fair-queue.ts';

/** Why a task got no connection. Nothing was sent. */
export type NotDialled =
  /** The site does not answer, or did not answer a short time ago. */
  | { readonly refusal: 'site_down'; readonly retryAt: number; readonly failure: DialFailure }
  /** The site gave no connection in time, or its queue is full. */
  | { readonly refusal: 'overflow'; readonly retryAt: number }
  /** This process stops, or the broker has taken the message back. */
  | { readonly refusal: 'stopping' }
  /** The tenant is fenced. */
  | { readonly refusal: 'cancelled' };

export interface PoolDeps {
  readonly site: Site;
  readonly dial: Dial;
  readonly clock: Clock;
  readonly connections: number;
  readonly messagesPerConnection: number;
  readonly idleTime: number;
  readonly transactionTime: number;
  /** How long a dial may take, over all hosts of the site. Milliseconds. */
  readonly dialTime: number;
  /** How long mail waits for a connection. Milliseconds. */
  readonly patience: number;
}

/** The result of the use of a connection. */
export interface Used {
  /** The server's results; empty if nothing was sent. */
  readonly results: readonly RecipientResult[];
}

export type UseConnection<T extends Used> = (
  connection: Connection,
  next: NextMessage,
) => Promise<T>;

/** A request for a connection. */
export interface Applicant {
  readonly tenant: string;
  /** After this signal the task is cancelled, unless it is on the wire. */
  readonly givenUp?: AbortSignal | undefined;
}

interface Task extends Waiting {
  readonly givenUp: AbortSignal | undefined;
  /** Never rejects. */
  readonly run: (connection: Connection, next: NextMessage) => Promise<readonly RecipientResult[]>;
  readonly refuse: (why: NotDialled) => void;
}

/** A task that is on the wire. */
interface Running {
  readonly connection: Connection;
  readonly tenant: string;
  readonly since: number;
  readonly ended: Promise<unknown>;
}

/** The connections of one site and the tasks that wait for them. */
export interface SitePool {
  /** Why mail of this tenant would get no connection now, if that is known without a dial. */
  mayTake(tenant: string): NotDialled | undefined;
  /** Calls `use` with a connection as soon as there is one, and with the next message for it. */
  submit<T extends Used>(applicant: Applicant, use: UseConnection<T>): Promise<T | NotDialled>;
  /** Tasks that wait or are on the wire. */
  readonly load: number;
  readonly connections: number;
  /**
   * Refuses tasks that waited too long, and closes idle and stuck connections. True if the pool is empty and
   * has no failure that still counts.
   */
  sweep(now: number): boolean;
  /** How many messages of each tenant wait for a connection. */
  waiting(): Iterable<[tenant: string, count: number]>;
  /**
   * Refuses the mail of this tenant that has waited since `at` or longer. Other tenants get the room in the
   * window.
   */
  makeRoom(tenant: string, at: number): void;
  /** Refuses all tasks that are not on the wire, and all new tasks. */
  drain(): void;
  /** Refuses the waiting tasks that this signal cancels. */
  giveUp(signal: AbortSignal): void;
  /** Refuses the tenant's waiting mail, and waits for its mail on the wire. */
  clear(tenant: string): Promise<void>;
  /** Breaks the connections that send mail of the tenant. */
  breakOff(tenant: string): void;
  /** Breaks the connections that are still on the wire. */
  close(): void;
}

/** How long a site that refused another connection is not dialled. Milliseconds. */
const fullPause = 5_000;

const gone: NotDialled = { refusal: 'stopping' };

const tooSlow: DialFailure = {
  text: 'The server was not ready in time',
  enhancedCode: '4.4.1',
  permanent: false,
};

export function createPool(deps: PoolDeps): SitePool {
  const { clock, dial, patience } = deps;
  const capacity = createCapacity(deps);
  let dialling = 0;
  let dialAgainAt = 0;
  /** The site refused a connection while others work. Until one is accepted, only one dial runs at a time. */
  let isFull = false;
  let draining = false;
  /** Mail has waited in vain. Until a task gets a connection soon, the queue is short. */
  let slow = false;
  const queue = createFairQueue<Task>();
  const idle: { connection: Connection; since: number }[] = [];
  // Not a `Set`, which would keep what has ended in memory (docs/performance.md).
  const running = new Yallist<Running>();
  /** How many messages each connection in use has: one, or two if one follows the other. */
  const inUse = new Map<Connection, number>();

  const opened = (): number => dialling + idle.length + inUse.size;

  function pump(): void {
    while (queue.size > 0) {
      const connection = takeIdle();
      if (connection !== undefined) {
        const task = queue.next();
        if (task !== undefined) void run(connection, task);
        continue;
      }
      if (capacity.skipUntil() > clock.now()) return refuseAll();
      if (opened() >= capacity.connections() || dialling >= queue.size) return;
      if (clock.now() < dialAgainAt || (isFull && dialling > 0)) return;
      void open();
    }
  }

  /** The connection that was used last, so that the others become idle and are closed. */
  function takeIdle(): Connection | undefined {
    for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
      if (last.connection.session.isUsable()) return last.connection;
      void last.connection.session.close();
    }
    return undefined;
  }

  /** Limits the dial, because a host may take minutes for each reply and a site may have many hosts. */
  async function dialInTime(): Promise<Connection> {
    const giveUp = new AbortController();
    const connection = dial(deps.site, giveUp.signal);
    try {
      return await pTimeout(connection, { milliseconds: deps.dialTime });
    } catch (error) {
      giveUp.abort();
      // A connection that opens too late is closed.
      connection.then(
        ({ session }) => session.close(),
        () => undefined,
      );
      throw error;
    }
  }

  async function open(): Promise<void> {
    dialling += 1;
    // A dial from before the refusal says nothing about room for another connection.
    const isAfterRefusal = isFull;
    try {
      const connection = await dialInTime();
      dialling -= 1;
      if (isAfterRefusal) isFull = false;
      if (draining) void connection.session.close();
      else idle.push({ connection, since: clock.now() });
    } catch (error) {
      dialling -= 1;
      const alone = opened() === 0;
      capacity.dialFailed(error instanceof NotConnected ? error.failure : tooSlow, alone);
      // If other connections work, the site is full and not dead. No further dial for a while.
      if (!alone) {
        isFull = true;
        dialAgainAt = clock.now() + fullPause;
      }
    }
    pump();
  }

  async function run(connection: Connection, task: Task): Promise<void> {
    const since = clock.now();
    if (since - task.since < patience / 2) slow = false;
    const { session } = connection;
    const before = session.transactions;
    /** Transactions when the next message was begun. */
    let followedAt: number | undefined;
    const ended = task.run(connection, {
      isWaiting: () => queue.size > 0 && capacity.mayFollow(session),
      begin() {
        const next = queue.next();
        if (next === undefined) return;
        followedAt = session.transactions;
        void run(connection, next);
      },
    });
    const one = new Node<Running>({ connection, tenant: task.tenant, since, ended });
    running.pushNode(one);
    inUse.set(connection, (inUse.get(connection) ?? 0) + 1);
    const results = await ended;
    running.removeNode(one);
    const isFollowed = followedAt !== undefined;
    const after = followedAt ?? session.transactions;
    capacity.learn({ session, before, after, isFollowed, results });
    release(connection);
    pump();
  }

  function release(connection: Connection): void {
    const { session } = connection;
    const left = (inUse.get(connection) ?? 0) - 1;
    if (left > 0) {
      inUse.set(connection, left);
      return;
    }
    inUse.delete(connection);
    if (!draining && capacity.mayTakeAnother(session))
      idle.push({ connection, since: clock.now() });
    else void session.close();
  }

  const down = (): NotDialled => ({
    refusal: 'site_down',
    retryAt: capacity.skipUntil(),
    failure: capacity.lastFailure(),
  });

  const overflow = (): NotDialled => ({
    refusal: 'overflow',
    retryAt: capacity.bookAgain(clock.now()),
  });

  function refuseAll(): void {
    for (const task of queue.takeAll()) task.refuse(down());
  }

  function mayTake(tenant: string): NotDialled | undefined {
    if (draining) return { refusal: 'stopping' };
    if (capacity.skipUntil() > clock.now() && idle.length === 0) return down();
    // A tenant without waiting mail is accepted even then, so that no tenant fills the queue alone.
    const isFull = slow && queue.size >= capacity.connections() && queue.has(tenant);
    return isFull ? overflow() : undefined;
  }

  return {
    mayTake,
    submit(applicant, use) {
      const { tenant, givenUp } = applicant;
      const refusal = givenUp?.aborted === true ? gone : mayTake(tenant);
      if (refusal !== undefined) return Promise.resolve(refusal);
      return new Promise((resolve, reject) => {
        queue.push({
          tenant,
          since: clock.now(),
          givenUp,
          async run(connection, next) {
            try {
              const used = await use(connection, next);
              resolve(used);
              return used.results;
            } catch (error) {
              reject(error);
              return [];
            }
          },
          refuse: resolve,
        });
        pump();
      });
    },
    get load() {
      return queue.size + running.length;
    },
    get connections() {
      return idle.length + inUse.size;
    },
    sweep(now) {
      for (const task of queue.takeWaitingSince(now - patience)) {
        slow = true;
        task.refuse(overflow());
      }
      for (const entry of idle.splice(0)) {
        const { session } = entry.connection;
        if (session.isUsable() && now - entry.since < deps.idleTime) idle.push(entry);
        else void session.close();
      }
      for (const { connection, since } of running) {
        if (now - since > deps.transactionTime) connection.session.break();
      }
      pump();
      // The pool of a dead site is kept for a while, because the site may still be dead.
      return queue.size === 0 && opened() === 0 && capacity.isForgotten(now);
    },
    waiting: () => queue.counts(),
    makeRoom(tenant, at) {
      for (const task of queue.takeWaitingSince(at, tenant)) task.refuse(overflow());
    },
    drain() {
      draining = true;
      for (const task of queue.takeAll()) task.refuse({ refusal: 'stopping' });
      for (const { connection } of idle.splice(0)) void connection.session.close();
    },
    giveUp(signal) {
      for (const task of queue.takeGivenUp(signal)) task.refuse(gone);
    },
    async clear(tenant) {
      for (const task of queue.takeOf(tenant)) task.refuse({ refusal: 'cancelled' });
      const onWire = [...running].filter((one) => one.tenant === tenant);
      await Promise.all(onWire.map(({ ended }) => ended));
    },
    breakOff(tenant) {
      for (const one of running) if (one.tenant === tenant) one.connection.session.break();
    },
    close() {
      for (const { session } of inUse.keys()) session.break();
    },
  };
}
