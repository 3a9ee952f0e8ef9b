import type { Clock } from '@mysmtp/service';
import pTimeout from 'p-timeout';
import type { Dial, Session } from '../courier/session.ts';
import type { Site } from '../routing/site.ts';
import { createCapacity, type DialFailure } from './capacity.ts';
import { createLine, type Waiting } from './line.ts';

/** Why a task got no connection. Nothing was sent. */
export type NotDialled =
  /** The site does not answer, or did not a moment ago; `reply` is what it said, if anything. */
  | { readonly refusal: 'site_down'; readonly retryAt: number; readonly reply: DialFailure }
  /** The site gave no connection in time, or others wait for one already. */
  | { readonly refusal: 'overflow' }
  | { readonly refusal: 'stopping' }
  /** Its tenant is fenced. */
  | { readonly refusal: 'cancelled' };

export interface PoolSettings {
  readonly site: Site;
  readonly dial: Dial;
  readonly describe: (error: unknown) => DialFailure;
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

interface Task extends Waiting {
  readonly run: (session: Session) => Promise<void>;
  readonly refuse: (why: NotDialled) => void;
}

/** What is on the wire. */
interface Running {
  readonly tenant: string;
  readonly since: number;
  readonly ended: Promise<void>;
}

/** The connections of one site and what waits for them. */
export interface SitePool {
  /** Runs `transact` on a connection as soon as there is one. */
  submit<T>(tenant: string, transact: (session: Session) => Promise<T>): Promise<T | NotDialled>;
  /** Waiting and on the wire. */
  readonly load: number;
  readonly connections: number;
  /** Sends away what has waited too long, closes what is idle, worn or stuck. True when nothing is left and nothing is remembered. */
  sweep(now: number): boolean;
  /** Sends everybody away who is not on the wire, and takes nobody more. */
  drain(): void;
  /** Sends the tenant's mail away that is not on the wire, and waits for what is. */
  clear(tenant: string): Promise<void>;
  /** Breaks what is on the wire for the tenant. */
  breakOff(tenant: string): void;
  /** Breaks what is still on the wire. */
  close(): void;
}

/** How long a site that takes no more connections is left in peace. */
const fullPause = 5_000;

export function createPool(settings: PoolSettings): SitePool {
  const { clock, dial, describe, patience } = settings;
  const capacity = createCapacity(settings);
  let dialling = 0;
  let dialAgainAt = 0;
  let draining = false;
  /** Mail has waited in vain: until somebody gets a connection soon, few may wait. */
  let slow = false;
  const line = createLine<Task>();
  const idle: { session: Session; since: number }[] = [];
  const busy = new Map<Session, Running>();

  const opened = (): number => dialling + idle.length + busy.size;

  function pump(): void {
    while (line.size > 0) {
      const session = takeIdle();
      if (session !== undefined) {
        const task = line.next();
        if (task !== undefined) void run(session, task);
        continue;
      }
      if (capacity.skipUntil() > clock.now()) return refuseAll();
      if (opened() >= capacity.connections() || dialling >= line.size) return;
      if (clock.now() < dialAgainAt) return;
      void open();
    }
  }

  /** The one used last: the others grow idle and go. */
  function takeIdle(): Session | undefined {
    for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
      if (last.session.isUsable()) return last.session;
      last.session.close();
    }
    return undefined;
  }

  /** A host may take minutes for each of its answers, and there may be many hosts. */
  async function dialInTime(): Promise<Session> {
    const giveUp = new AbortController();
    const session = dial(settings.site, giveUp.signal);
    try {
      return await pTimeout(session, { milliseconds: settings.dialTime });
    } catch (error) {
      giveUp.abort();
      // One that comes too late is not wanted any more.
      session.then(
        (late) => late.close(),
        () => undefined,
      );
      throw error;
    }
  }

  async function open(): Promise<void> {
    dialling += 1;
    try {
      const session = await dialInTime();
      dialling -= 1;
      if (draining) session.close();
      else idle.push({ session, since: clock.now() });
    } catch (error) {
      dialling -= 1;
      const alone = opened() === 0;
      capacity.dialFailed(describe(error), alone);
      // Where other connections work it is not dead, only full: those it takes have to do for a while.
      if (!alone) dialAgainAt = clock.now() + fullPause;
    }
    pump();
  }

  async function run(session: Session, task: Task): Promise<void> {
    const since = clock.now();
    if (since - task.since < patience / 2) slow = false;
    const { used } = session;
    const ended = task.run(session);
    busy.set(session, { tenant: task.tenant, since, ended });
    await ended;
    busy.delete(session);
    capacity.learn(session, used);
    if (!draining && capacity.mayTakeAnother(session)) idle.push({ session, since: clock.now() });
    else session.close();
    pump();
  }

  function refuseAll(): void {
    const why: NotDialled = {
      refusal: 'site_down',
      retryAt: capacity.skipUntil(),
      reply: capacity.lastFailure(),
    };
    for (const task of line.takeAll()) task.refuse(why);
  }

  return {
    submit(tenant, transact) {
      if (draining) return Promise.resolve({ refusal: 'stopping' });
      // A tenant that has nothing waiting gets a place all the same: no other takes them all.
      if (slow && line.size >= capacity.connections() && line.has(tenant)) {
        return Promise.resolve({ refusal: 'overflow' });
      }
      return new Promise((resolve, reject) => {
        line.push({
          tenant,
          since: clock.now(),
          run: (session) => transact(session).then(resolve, reject),
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
        task.refuse({ refusal: 'overflow' });
      }
      for (const entry of idle.splice(0)) {
        if (entry.session.isUsable() && now - entry.since < settings.idleTime) idle.push(entry);
        else entry.session.close();
      }
      for (const [session, { since }] of busy) {
        if (now - since > settings.transactionTime) session.break();
      }
      pump();
      // What is known of a dead site is kept for a while: it may be dead still.
      return line.size === 0 && opened() === 0 && capacity.isForgotten(now);
    },
    drain() {
      draining = true;
      for (const task of line.takeAll()) task.refuse({ refusal: 'stopping' });
      for (const { session } of idle.splice(0)) session.close();
    },
    async clear(tenant) {
      for (const task of line.takeOf(tenant)) task.refuse({ refusal: 'cancelled' });
      const running = [...busy.values()].filter((one) => one.tenant === tenant);
      await Promise.all(running.map(({ ended }) => ended));
    },
    breakOff(tenant) {
      for (const [session, running] of busy) if (running.tenant === tenant) session.break();
    },
    close() {
      for (const session of busy.keys()) session.break();
    },
  };
}
