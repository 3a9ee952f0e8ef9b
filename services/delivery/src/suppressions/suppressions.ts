import type { Control, Publisher } from '@mysmtp/broker';
import {
  broadcasts,
  contentOf,
  minute,
  readContent,
  routingKeys,
  SuppressionChanged,
  type SuppressionGround,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import type { Tenants } from '@mysmtp/tenancy';
import type { SuppressionDocument, SuppressionStore } from './store.ts';

/** The suppressions of all tenants, for the mail path. Nothing is read for a tenant without one. */
export interface Suppressions {
  /** Those of these people; `undefined`, without a call and a read, if the tenant has none. */
  among(
    tenant: string,
    people: () => readonly string[],
  ): Promise<ReadonlyMap<string, SuppressionGround>> | undefined;
  /** Whether this person was suppressed within the last minutes: perhaps since the mail was routed. */
  isNewFor(tenant: string, person: string): boolean;
  /** Stores a suppression and tells all processes. Idempotent. */
  add(suppression: Omit<SuppressionDocument, '_id'>): Promise<void>;
  /** Removes a suppression and tells all processes. Idempotent. */
  remove(suppression: Pick<SuppressionDocument, 'tenant' | 'person' | 'ground'>): Promise<void>;
  close(): Promise<void>;
}

/** Longer than a message waits for a connection after it was routed. */
const recentTime = 10 * minute;
const delays = { first: 100, longest: 5_000 } as const;

/**
 * A process has a list of the tenants with suppressions, and reads the suppressions of a recipient when it
 * routes a message of such a tenant. Each change is broadcast to every process. Recent changes are in memory
 * too, so that mail that waits for a connection is stopped. A new control queue may have missed changes, so
 * the tenants are read again; until then each tenant counts as one with suppressions.
 */
export function openSuppressions(deps: {
  readonly store: SuppressionStore;
  readonly tenants: Pick<Tenants, 'run'>;
  readonly control: Control;
  readonly publisher: Publisher;
  readonly log: Logger;
}): Suppressions {
  const { store, tenants, control, publisher, log } = deps;
  const stopping = new AbortController();
  /** The tenants with suppressions; `undefined` until they are read. */
  let concerned: Set<string> | undefined;
  /** The tenants that got one while `concerned` is read or checked. */
  let meanwhile = new Set<string>();
  /** Recent suppressions, and when this process drops them. */
  const recent = new Map<string, number>();

  async function load(): Promise<void> {
    concerned = undefined;
    const added = (meanwhile = new Set<string>());
    const found = await retry(() => store.tenants(), {
      ...delays,
      signal: stopping.signal,
      onRetry: (error) => log.warn('suppressions.not_read', { error }),
    }).catch(() => undefined);
    // Another load has begun, or the service stops.
    if (found === undefined || added !== meanwhile) return;
    concerned = new Set([...found, ...added]);
    log.info('suppressions.read', { count: concerned.size });
  }

  /** Drops a tenant whose last suppression was removed. */
  async function check(tenant: string): Promise<void> {
    meanwhile.delete(tenant);
    if (await store.hasAny(tenant)) return;
    if (!meanwhile.has(tenant)) concerned?.delete(tenant);
  }

  function take({ tenant, person, exists }: SuppressionChanged): void {
    const name = nameOf(tenant, person);
    if (!exists) {
      recent.delete(name);
      check(tenant).catch((error: unknown) => log.debug('suppressions.not_read', { error }));
      return;
    }
    const now = performance.now();
    for (const [old, until] of recent) if (until < now) recent.delete(old);
    recent.set(name, now + recentTime);
    meanwhile.add(tenant);
    concerned?.add(tenant);
  }

  const endSubscription = control.subscribe({
    bindings: broadcasts.suppressionChanged,
    handle({ content }) {
      const change = readContent(SuppressionChanged, content);
      if (change !== undefined) take(change);
    },
    onBound: () => void load(),
  });

  async function tell(change: Omit<SuppressionChanged, 'v'>): Promise<void> {
    // In this process at once, even if the broker is away.
    take({ v: 1, ...change });
    await retry(
      () =>
        publisher.publish({
          key: routingKeys.suppressionChanged,
          content: contentOf(SuppressionChanged, { v: 1, ...change }),
          persistent: false,
        }),
      {
        ...delays,
        signal: stopping.signal,
        onRetry: (error) => log.warn('suppressions.not_announced', { error }),
      },
    );
  }

  async function read(
    tenant: string,
    people: readonly string[],
  ): Promise<ReadonlyMap<string, SuppressionGround>> {
    const found = await store.of(tenant, people);
    // If both exist, the objection is returned, because it has no end.
    return new Map(
      found
        .toSorted((a, b) => (a.ground < b.ground ? 1 : -1))
        .map(({ person, ground }) => [person, ground]),
    );
  }

  return {
    among: (tenant, people) =>
      concerned === undefined || concerned.has(tenant) ? read(tenant, people()) : undefined,
    isNewFor: (tenant, person) => recent.size > 0 && recent.has(nameOf(tenant, person)),
    async add(suppression) {
      const { tenant, person } = suppression;
      await tenants.run(tenant, 'write', () => store.add(suppression));
      await tell({ tenant, person, exists: true });
    },
    async remove(suppression) {
      const { tenant, person } = suppression;
      await tenants.run(tenant, 'write', () => store.remove(suppression));
      await tell({ tenant, person, exists: (await store.of(tenant, [person])).length > 0 });
    },
    async close() {
      stopping.abort();
      await endSubscription();
    },
  };
}

const nameOf = (tenant: string, person: string): string => `${tenant} ${person}`;
