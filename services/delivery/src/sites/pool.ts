import type { Clock } from '@mysmtp/service';
import type { Dial, Session } from '../courier/session.ts';
import type { Site } from '../routing/site.ts';
import { afterBreak, afterSuccess, newBudget } from './budget.ts';
import { afterFailure, healthy, isDoubtful, longestSkip } from './health.ts';

/** Why a task got no connection. Nothing was sent. */
export type NotDialled =
  /** The site does not answer, or did not a moment ago; `reply` is what it said, if anything. */
  | { readonly refusal: 'site_down'; readonly retryAt: number; readonly reply: DialFailure }
  /** The site takes more memory than its share. */
  | { readonly refusal: 'overflow' }
  | { readonly refusal: 'stopping' }
  /** Its tenant is fenced. */
  | { readonly refusal: 'cancelled' };

export interface DialFailure {
  readonly text: string;
  readonly enhancedCode: string;
}

export interface PoolSettings {
  readonly site: Site;
  readonly dial: Dial;
  readonly describe: (error: unknown) => DialFailure;
  readonly clock: Clock;
  readonly connections: number;
  readonly messagesPerConnection: number;
  readonly idleTime: number;
  readonly transactionTime: number;
}

interface Task {
  readonly tenant: string;
  readonly since: number;
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
  /** Milliseconds that the first in line has waited, and since when nothing has left the line. */
  waited(now: number): { readonly first: number; readonly stalled: number };
  /** Sends away whoever waits, but for the first `keep`. */
  overflow(keep: number): void;
  /** Closes what is idle, worn or stuck. True when nothing is left and nothing is remembered. */
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
  const { clock, dial, describe, connections: most } = settings;
  let budget = newBudget(most);
  let health = healthy;
  let lastFailure: DialFailure = { text: '', enhancedCode: '4.4.1' };
  let dialling = 0;
  let dialAgainAt = 0;
  let draining = false;
  /** When somebody last got a connection. */
  let lastStart = 0;
  const waiting: Task[] = [];
  const idle: { session: Session; since: number }[] = [];
  const busy = new Map<Session, Running>();

  const opened = (): number => dialling + idle.length + busy.size;

  function pump(): void {
    while (waiting.length > 0) {
      const session = takeIdle();
      if (session !== undefined) {
        const task = waiting.shift();
        if (task !== undefined) void run(session, task);
        continue;
      }
      if (health.skipUntil > clock.now()) return refuseAll();
      // While it is doubtful, one dial at a time finds out; the rest waits for the answer.
      const limit = isDoubtful(health) ? 1 : budget.limit;
      if (opened() >= limit || dialling >= waiting.length) return;
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

  async function open(): Promise<void> {
    dialling += 1;
    try {
      const session = await dial(settings.site).finally(() => (dialling -= 1));
      health = healthy;
      if (draining) session.close();
      else idle.push({ session, since: clock.now() });
    } catch (error) {
      lastFailure = describe(error);
      budget = afterBreak(budget);
      // Where other connections work it is not dead, only full: those it takes have to do for a while.
      if (opened() === 0) health = afterFailure(health, clock.now());
      else dialAgainAt = clock.now() + fullPause;
    }
    pump();
  }

  async function run(session: Session, task: Task): Promise<void> {
    lastStart = clock.now();
    const ended = task.run(session);
    busy.set(session, { tenant: task.tenant, since: lastStart, ended });
    await ended;
    busy.delete(session);
    budget = session.isBroken() ? afterBreak(budget) : afterSuccess(budget, most);
    if (session.isUsable() && session.used < settings.messagesPerConnection && !draining) {
      idle.push({ session, since: clock.now() });
    } else {
      session.close();
    }
    pump();
  }

  function refuseAll(): void {
    const why = { refusal: 'site_down', retryAt: health.skipUntil, reply: lastFailure } as const;
    for (const task of waiting.splice(0)) task.refuse(why);
  }

  return {
    submit(tenant, transact) {
      if (draining) return Promise.resolve({ refusal: 'stopping' });
      return new Promise((resolve, reject) => {
        waiting.push({
          tenant,
          since: clock.now(),
          run: (session) => transact(session).then(resolve, reject),
          refuse: resolve,
        });
        pump();
      });
    },
    get load() {
      return waiting.length + busy.size;
    },
    get connections() {
      return idle.length + busy.size;
    },
    waited(now) {
      const first = waiting[0] === undefined ? 0 : now - waiting[0].since;
      return { first, stalled: Math.min(first, now - lastStart) };
    },
    overflow(keep) {
      for (const task of waiting.splice(keep)) task.refuse({ refusal: 'overflow' });
    },
    sweep(now) {
      for (const entry of idle.splice(0)) {
        if (entry.session.isUsable() && now - entry.since < settings.idleTime) idle.push(entry);
        else entry.session.close();
      }
      for (const [session, { since }] of busy) {
        if (now - since > settings.transactionTime) session.break();
      }
      pump();
      // What is known of a dead site is kept for a while: it may be dead still.
      return waiting.length === 0 && opened() === 0 && health.skipUntil + longestSkip <= now;
    },
    drain() {
      draining = true;
      for (const task of waiting.splice(0)) task.refuse({ refusal: 'stopping' });
      for (const { session } of idle.splice(0)) session.close();
    },
    async clear(tenant) {
      for (const task of waiting.splice(0)) {
        if (task.tenant === tenant) task.refuse({ refusal: 'cancelled' });
        else waiting.push(task);
      }
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
