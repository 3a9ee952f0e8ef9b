import type { Clock } from '@mysmtp/service';
import pTimeout from 'p-timeout';
import type { RecipientResult } from '@mysmtp/smtp-client';
import { NotConnected, type Connection, type Dial, type DialFailure } from '../dial/dial.ts';
import type { Site } from '../routing/site.ts';
import { createCapacity } from './capacity.ts';
import { createLine, type Waiting } from './line.ts';

/** Why a task got no connection. Nothing was sent. */
export type NotDialled =
  /** The site does not answer, or did not a moment ago. */
  | { readonly refusal: 'site_down'; readonly retryAt: number; readonly failure: DialFailure }
  /** The site gave no connection in time, or others wait for one already. */
  | { readonly refusal: 'overflow'; readonly retryAt: number }
  /** This process stops, or has lost the message. */
  | { readonly refusal: 'stopping' }
  /** Its tenant is fenced. */
  | { readonly refusal: 'cancelled' };

export interface PoolSettings {
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

/** What came of the use of a connection. */
export interface Used {
  /** What the server answered; empty if nothing was sent. */
  readonly results: readonly RecipientResult[];
}

/** Who wants a connection. */
export interface Applicant {
  readonly tenant: string;
  /** After it the task is not wanted any more, unless it is on the wire. */
  readonly givenUp?: AbortSignal | undefined;
}

interface Task extends Waiting {
  readonly givenUp: AbortSignal | undefined;
  /** Never rejects. */
  readonly run: (connection: Connection) => Promise<readonly RecipientResult[]>;
  readonly refuse: (why: NotDialled) => void;
}

/** What is on the wire. */
interface Running {
  readonly tenant: string;
  readonly since: number;
  readonly ended: Promise<unknown>;
}

/** The connections of one site and what waits for them. */
export interface SitePool {
  /** Why mail of this tenant would get no connection now, if that is known without a dial. */
  mayTake(tenant: string): NotDialled | undefined;
  /** Calls `use` with a connection as soon as there is one. */
  submit<T extends Used>(
    applicant: Applicant,
    use: (connection: Connection) => Promise<T>,
  ): Promise<T | NotDialled>;
  /** Waiting and on the wire. */
  readonly load: number;
  readonly connections: number;
  /** Sends away what has waited too long, closes what is idle, worn or stuck. True when nothing is left and nothing is remembered. */
  sweep(now: number): boolean;
  /** How many messages of each tenant wait for a connection. */
  waiting(): Iterable<[tenant: string, count: number]>;
  /** Sends the tenant's mail away that has waited since `at` or longer: others need the room. */
  makeRoom(tenant: string, at: number): void;
  /** Sends everybody away who is not on the wire, and takes nobody more. */
  drain(): void;
  /** Sends away what this signal gives up, unless it is on the wire. */
  giveUp(signal: AbortSignal): void;
  /** Sends the tenant's mail away that is not on the wire, and waits for what is. */
  clear(tenant: string): Promise<void>;
  /** Breaks what is on the wire for the tenant. */
  breakOff(tenant: string): void;
  /** Breaks what is still on the wire. */
  close(): void;
}

/** How long a site that takes no more connections is left in peace. */
const fullPause = 5_000;

const gone: NotDialled = { refusal: 'stopping' };

const tooSlow: DialFailure = {
  text: 'The server was not ready in time',
  enhancedCode: '4.4.1',
  permanent: false,
};

export function createPool(settings: PoolSettings): SitePool {
  const { clock, dial, patience } = settings;
  const capacity = createCapacity(settings);
  let dialling = 0;
  let dialAgainAt = 0;
  /** The site has refused a connection beside others that work: until one is taken, one dial at a time. */
  let isFull = false;
  let draining = false;
  /** Mail has waited in vain: until somebody gets a connection soon, few may wait. */
  let slow = false;
  const line = createLine<Task>();
  const idle: { connection: Connection; since: number }[] = [];
  const busy = new Map<Connection, Running>();

  const opened = (): number => dialling + idle.length + busy.size;

  function pump(): void {
    while (line.size > 0) {
      const connection = takeIdle();
      if (connection !== undefined) {
        const task = line.next();
        if (task !== undefined) void run(connection, task);
        continue;
      }
      if (capacity.skipUntil() > clock.now()) return refuseAll();
      if (opened() >= capacity.connections() || dialling >= line.size) return;
      if (clock.now() < dialAgainAt || (isFull && dialling > 0)) return;
      void open();
    }
  }

  /** The one used last: the others grow idle and go. */
  function takeIdle(): Connection | undefined {
    for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
      if (last.connection.session.isUsable()) return last.connection;
      void last.connection.session.close();
    }
    return undefined;
  }

  /** A host may take minutes for each of its answers, and there may be many hosts. */
  async function dialInTime(): Promise<Connection> {
    const giveUp = new AbortController();
    const connection = dial(settings.site, giveUp.signal);
    try {
      return await pTimeout(connection, { milliseconds: settings.dialTime });
    } catch (error) {
      giveUp.abort();
      // One that comes too late is not wanted any more.
      connection.then(
        ({ session }) => session.close(),
        () => undefined,
      );
      throw error;
    }
  }

  async function open(): Promise<void> {
    dialling += 1;
    try {
      const connection = await dialInTime();
      dialling -= 1;
      isFull = false;
      if (draining) void connection.session.close();
      else idle.push({ connection, since: clock.now() });
    } catch (error) {
      dialling -= 1;
      const alone = opened() === 0;
      capacity.dialFailed(error instanceof NotConnected ? error.failure : tooSlow, alone);
      // If other connections work it is not dead, only full: those it takes have to do for a while.
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
    const ended = task.run(connection);
    busy.set(connection, { tenant: task.tenant, since, ended });
    const results = await ended;
    busy.delete(connection);
    capacity.learn({ session, before, results });
    if (!draining && capacity.mayTakeAnother(session))
      idle.push({ connection, since: clock.now() });
    else void session.close();
    pump();
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
    for (const task of line.takeAll()) task.refuse(down());
  }

  function mayTake(tenant: string): NotDialled | undefined {
    if (draining) return { refusal: 'stopping' };
    if (capacity.skipUntil() > clock.now() && idle.length === 0) return down();
    // A tenant that has nothing waiting gets a place all the same: no other takes them all.
    const isFull = slow && line.size >= capacity.connections() && line.has(tenant);
    return isFull ? overflow() : undefined;
  }

  return {
    mayTake,
    submit(applicant, use) {
      const { tenant, givenUp } = applicant;
      const refusal = givenUp?.aborted === true ? gone : mayTake(tenant);
      if (refusal !== undefined) return Promise.resolve(refusal);
      return new Promise((resolve, reject) => {
        line.push({
          tenant,
          since: clock.now(),
          givenUp,
          async run(connection) {
            try {
              const used = await use(connection);
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
      return line.size + busy.size;
    },
    get connections() {
      return idle.length + busy.size;
    },
    sweep(now) {
      for (const task of line.takeWaitingSince(now - patience)) {
        slow = true;
        task.refuse(overflow());
      }
      for (const entry of idle.splice(0)) {
        const { session } = entry.connection;
        if (session.isUsable() && now - entry.since < settings.idleTime) idle.push(entry);
        else void session.close();
      }
      for (const [{ session }, { since }] of busy) {
        if (now - since > settings.transactionTime) session.break();
      }
      pump();
      // What is known of a dead site is kept for a while: it may be dead still.
      return line.size === 0 && opened() === 0 && capacity.isForgotten(now);
    },
    waiting: () => line.counts(),
    makeRoom(tenant, at) {
      for (const task of line.takeWaitingSince(at, tenant)) task.refuse(overflow());
    },
    drain() {
      draining = true;
      for (const task of line.takeAll()) task.refuse({ refusal: 'stopping' });
      for (const { connection } of idle.splice(0)) void connection.session.close();
    },
    giveUp(signal) {
      for (const task of line.takeGivenUp(signal)) task.refuse(gone);
    },
    async clear(tenant) {
      for (const task of line.takeOf(tenant)) task.refuse({ refusal: 'cancelled' });
      const running = [...busy.values()].filter((one) => one.tenant === tenant);
      await Promise.all(running.map(({ ended }) => ended));
    },
    breakOff(tenant) {
      for (const [{ session }, running] of busy) if (running.tenant === tenant) session.break();
    },
    close() {
      for (const { session } of busy.keys()) session.break();
    },
  };
}
