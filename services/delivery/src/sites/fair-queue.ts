/** A task that waits for a connection. */
export interface Waiting {
  readonly tenant: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** After this signal the task needs no connection any more. */
  readonly givenUp?: AbortSignal | undefined;
}

/**
 * The tasks that wait for a connection to one site. Each tenant's mail keeps its order, and the tenants take
 * turns. So a tenant with thousands of messages does not block a tenant with one message.
 */
export interface FairQueue<Task extends Waiting> {
  readonly size: number;
  /** Whether mail of this tenant waits. */
  has(tenant: string): boolean;
  push(task: Task): void;
  /** Takes out the next task. */
  next(): Task | undefined;
  /** Takes out the tasks that this signal cancels. */
  takeGivenUp(signal: AbortSignal): Task[];
  /** How many tasks of each tenant wait. */
  counts(): Iterable<[tenant: string, count: number]>;
  /** Takes out the tasks that have waited since `at` or longer, of all tenants or of one. */
  takeWaitingSince(at: number, of?: string): Task[];
  takeOf(tenant: string): Task[];
  takeAll(): Task[];
}

export function createFairQueue<Task extends Waiting>(): FairQueue<Task> {
  /** A map keeps the order of insertion. The first tenant is the next one to be served. */
  const byTenant = new Map<string, Task[]>();
  let size = 0;

  function takeFrom(tenant: string, count: number): Task[] {
    const tasks = byTenant.get(tenant);
    if (tasks === undefined) return [];
    const taken = tasks.splice(0, count);
    size -= taken.length;
    if (tasks.length === 0) byTenant.delete(tenant);
    return taken;
  }

  const takeOf = (tenant: string): Task[] => takeFrom(tenant, Number.POSITIVE_INFINITY);

  return {
    get size() {
      return size;
    },
    has: (tenant) => byTenant.has(tenant),
    push(task) {
      const tasks = byTenant.get(task.tenant);
      if (tasks === undefined) byTenant.set(task.tenant, [task]);
      else tasks.push(task);
      size += 1;
    },
    next() {
      const [tenant] = byTenant.keys();
      if (tenant === undefined) return undefined;
      const [task] = takeFrom(tenant, 1);
      const rest = byTenant.get(tenant);
      if (rest !== undefined) {
        // Move this tenant to the end.
        byTenant.delete(tenant);
        byTenant.set(tenant, rest);
      }
      return task;
    },
    takeGivenUp(signal) {
      return [...byTenant].flatMap(([tenant, tasks]) => {
        const taken = tasks.filter(({ givenUp }) => givenUp === signal);
        const rest = tasks.filter(({ givenUp }) => givenUp !== signal);
        if (rest.length === 0) byTenant.delete(tenant);
        else byTenant.set(tenant, rest);
        size -= taken.length;
        return taken;
      });
    },
    *counts() {
      for (const [tenant, tasks] of byTenant) yield [tenant, tasks.length];
    },
    takeWaitingSince(at, of) {
      return [...byTenant].flatMap(([tenant, tasks]) => {
        if (of !== undefined && of !== tenant) return [];
        const younger = tasks.findIndex(({ since }) => since > at);
        return takeFrom(tenant, younger === -1 ? tasks.length : younger);
      });
    },
    takeOf,
    takeAll: () => [...byTenant.keys()].flatMap(takeOf),
  };
}
