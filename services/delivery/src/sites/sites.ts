import type { Clock } from '@mysmtp/service';
import type { Dial } from '../dial/dial.ts';
import type { Site } from '../routing/site.ts';
import {
  createPool,
  type Applicant,
  type NotDialled,
  type SitePool,
  type UseConnection,
  type Used,
} from './pool.ts';

export interface SitesDeps {
  readonly dial: Dial;
  readonly clock: Clock;
  /** How long mail waits for a connection before it is deferred. Milliseconds. */
  readonly patience: number;
  readonly connections: number;
  readonly messagesPerConnection: number;
  readonly idleTime: number;
  readonly transactionTime: number;
  readonly dialTime: number;
  /** Messages that this process may have in flight. `isFull`: it has this many, and other mail waits. */
  readonly window: number;
  readonly isFull: () => boolean;
}

/** All sites that mail is sent to. */
export interface Sites {
  /** Why mail of this tenant would get no connection now, if that is known without a dial. */
  mayTake(tenant: string, site: Site): NotDialled | undefined;
  /** Whether there is a connection to the site, idle or in use. */
  isConnected(site: Site): boolean;
  /**
   * Calls `use` with a connection to the site and the next message for it, or returns why there is none.
   */
  submit<T extends Used>(
    applicant: Applicant & { readonly site: Site },
    use: UseConnection<T>,
  ): Promise<T | NotDialled>;
  /** Refuses the tenant's waiting mail, waits for its mail on the wire and breaks it off after `grace`. */
  clear(tenant: string, grace: number): Promise<void>;
  counts(): { sites: number; connections: number; load: number };
  /** Stops dialling. Mail on the wire continues. */
  drain(): void;
  /** Breaks the connections that are still on the wire. */
  close(): void;
}

const sweepEvery = 1_000;

/** While the window is full, mail of one tenant that waits for connections may use this share of it. */
const share = 1 / 4;
/** Mail that waits longer makes no progress, unless its tenant's mail moves. Milliseconds. */
const moving = 1_000;
/**
 * The mail of a tenant moves if it finished enough in the last sweep to finish all that waits in this time.
 * Milliseconds. It delays the mail of others no longer than that.
 */
const soon = 5_000;

export function createSites(deps: SitesDeps): Sites {
  const { clock } = deps;
  const pools = new Map<string, SitePool>();
  /** Signals with a listener. Thousands of messages share one signal, and each listener uses memory. */
  const followed = new WeakSet<AbortSignal>();
  /** How much mail of each tenant was attempted since the last sweep. */
  const finished = new Map<string, number>();
  let draining = false;

  function poolOf(site: Site): SitePool {
    let pool = pools.get(site.key);
    if (pool === undefined) pools.set(site.key, (pool = createPool({ ...deps, site })));
    return pool;
  }

  function follow(signal: AbortSignal): void {
    if (followed.has(signal)) return;
    followed.add(signal);
    signal.addEventListener('abort', () => {
      for (const pool of pools.values()) pool.giveUp(signal);
    });
  }

  /** Limits a tenant's waiting mail over all sites, so that many slow sites do not block other tenants. */
  function makeRoom(now: number): void {
    const waiting = new Map<string, number>();
    for (const pool of pools.values()) {
      for (const [tenant, count] of pool.waiting()) {
        waiting.set(tenant, (waiting.get(tenant) ?? 0) + count);
      }
    }
    for (const [tenant, count] of waiting) {
      const progress = (finished.get(tenant) ?? 0) * (soon / sweepEvery);
      if (count <= Math.max(deps.window * share, progress)) continue;
      for (const pool of pools.values()) pool.makeRoom(tenant, now - moving);
    }
  }

  const sweeping = setInterval(() => {
    const now = clock.now();
    if (deps.isFull()) makeRoom(now);
    finished.clear();
    for (const [key, pool] of pools) {
      if (pool.sweep(now)) pools.delete(key);
    }
  }, sweepEvery).unref();

  return {
    mayTake(tenant, site) {
      if (draining) return { refusal: 'stopping' };
      return pools.get(site.key)?.mayTake(tenant);
    },
    isConnected: (site) => (pools.get(site.key)?.connections ?? 0) > 0,
    submit(applicant, use) {
      const { givenUp } = applicant;
      if (draining) return Promise.resolve({ refusal: 'stopping' });
      if (givenUp !== undefined) follow(givenUp);
      const { tenant } = applicant;
      return poolOf(applicant.site).submit(applicant, (connection, next) =>
        use(connection, next).finally(() => finished.set(tenant, (finished.get(tenant) ?? 0) + 1)),
      );
    },
    async clear(tenant, grace) {
      const all = [...pools.values()];
      const breaking = setTimeout(() => {
        for (const pool of all) pool.breakOff(tenant);
      }, grace);
      await Promise.all(all.map((pool) => pool.clear(tenant)));
      clearTimeout(breaking);
    },
    counts() {
      let connections = 0;
      let load = 0;
      for (const pool of pools.values()) {
        connections += pool.connections;
        load += pool.load;
      }
      return { sites: pools.size, connections, load };
    },
    drain() {
      draining = true;
      for (const pool of pools.values()) pool.drain();
    },
    close() {
      clearInterval(sweeping);
      for (const pool of pools.values()) pool.close();
    },
  };
}
