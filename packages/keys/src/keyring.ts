import type { KeyObject } from 'node:crypto';
import type { Control } from '@mysmtp/broker';
import { dayKeyId, isUnavailable, type KeyId, type ServiceName } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Signed } from '@mysmtp/signed';
import { Counter, type Registry } from 'prom-client';
import { createKeyCache, type CachedKey, type SealingKeys } from './cache.ts';
import { listenForDrops } from './drops.ts';
import { KeyDestroyedError, KeyUnavailableError } from './errors.ts';
import { comesUnasked, isDueForRefresh, isFresh, isUsableStale } from './freshness.ts';
import { createKeySource } from './source.ts';

/**
 * The cached keys of tenants. Take a key for each use and keep none: only the keyring receives the
 * broadcasts about destroyed keys.
 */
export interface Keyring {
  /** Throws a `KeyDestroyedError` or a `KeyUnavailableError`. */
  key(tenant: string, id: KeyId): Promise<KeyObject>;
  /** The keys to seal with for the day of `at` (default: now). Throws as `key` does. */
  sealingKeys(tenant: string, at?: number): Promise<SealingKeys>;
  /** The same without waiting; `undefined` if privacy must be asked first. */
  cached(tenant: string, at?: number): SealingKeys | undefined;
  /** Drops every key of a tenant, including those of requests under way. */
  forget(tenant: string): void;
  close(): Promise<void>;
}

export interface KeyringOptions {
  /** The service that requests keys. */
  readonly service: ServiceName;
  /** Calls privacy. */
  readonly client: ServiceClient;
  readonly control: Control;
  readonly signed: Signed;
  readonly clock: { now(): number };
  /** How long a key may be used without asking privacy again. Milliseconds. */
  readonly freshness: number;
  readonly log: Logger;
  readonly metrics: Registry;
}

/** How often keys are checked for removal from memory. Milliseconds. */
const pruneEvery = 1_000;
/** How long privacy counts as available after an answer. Milliseconds. */
const recent = 5_000;

export function openKeyring(options: KeyringOptions): Keyring {
  const { clock, log, freshness } = options;
  const cache = createKeyCache();
  const source = createKeySource(options);
  const stale = new Counter({
    name: 'mysmtp_key_stale_uses_total',
    help: 'Uses of a key that is no longer fresh, because privacy gave no answer.',
    registers: [options.metrics],
  });
  /** Grows with each drop. An answer that was requested before a drop may contain destroyed keys. */
  let drops = 0;
  const underWay = new Map<string, Promise<void>>();

  /**
   * Requests keys. Concurrent calls for the same keys share one request. Its answer that the tenant is unknown
   * counts only for the call that began it: the tenant may have been activated before a later call.
   */
  async function fetchKeys(tenant: string, ids?: readonly KeyId[]): Promise<void> {
    const what = `${tenant} ${ids?.join() ?? ''}`;
    try {
      const begun = underWay.get(what);
      if (begun !== undefined) return await begun;
    } catch (error) {
      if (!isUnavailable(error, 'unknown')) throw error;
    }
    let request = underWay.get(what);
    if (request === undefined) {
      request = fetchNow(tenant, ids).finally(() => underWay.delete(what));
      underWay.set(what, request);
    }
    return request;
  }

  async function fetchNow(tenant: string, ids: readonly KeyId[] | undefined): Promise<void> {
    for (;;) {
      const dropsBefore = drops;
      const fetchedAt = clock.now();
      const answer = await source.ask(tenant, ids);
      if (drops !== dropsBefore) continue;
      if (answer.state === 'unknown') throw new KeyUnavailableError('unknown');
      if (answer.state !== 'active') {
        cache.drop(tenant, null);
        throw new KeyDestroyedError(answer.state);
      }
      cache.drop(tenant, answer.destroyed);
      for (const [id, key] of Object.entries(answer.keys)) {
        cache.put(tenant, id, key, fetchedAt);
      }
      if (ids?.some((id) => answer.destroyed.includes(id)) === true) {
        throw new KeyDestroyedError('active');
      }
      return;
    }
  }

  function refresh(tenant: string, ids?: readonly KeyId[]): void {
    fetchKeys(tenant, ids).catch((error: unknown) => {
      // The caller that needs the key gets an error of its own; a refresh has no caller that waits.
      log.debug('keys.refresh_failed', { tenant, error });
    });
  }

  /** The cached value, if it may be used without waiting for an answer. */
  function usable<Value>(
    held: CachedKey<Value> | undefined,
    tenant: string,
    ids?: readonly KeyId[],
  ): Value | undefined {
    if (held === undefined) return undefined;
    const now = clock.now();
    if (isFresh(held.fetchedAt, now, freshness)) {
      if (isDueForRefresh(held.fetchedAt, now, freshness)) refresh(tenant, ids);
      return held.value;
    }
    if (!source.isDown() || !isUsableStale(held.lastDay, now)) return undefined;
    refresh(tenant, ids);
    stale.inc();
    return held.value;
  }

  /** Requests keys. If no answer comes, returns a stale value if that may be used. */
  async function fetched<Value>(
    look: () => CachedKey<Value> | undefined,
    tenant: string,
    ids?: readonly KeyId[],
  ): Promise<Value | undefined> {
    try {
      await fetchKeys(tenant, ids);
    } catch (error) {
      const held = error instanceof KeyUnavailableError ? look() : undefined;
      if (held === undefined || !isUsableStale(held.lastDay, clock.now())) throw error;
      stale.inc();
      return held.value;
    }
    return look()?.value;
  }

  function cached(tenant: string, at = clock.now()): SealingKeys | undefined {
    return usable(cache.sealing(tenant, at), tenant);
  }

  async function sealingKeys(tenant: string, at = clock.now()): Promise<SealingKeys> {
    const look = () => cache.sealing(tenant, at);
    // Privacy's clock may be past a midnight that this clock has not reached. Then the keys of this day
    // are requested by id.
    const days = [dayKeyId('mail', at), dayKeyId('events', at)];
    const keys =
      cached(tenant, at) ?? (await fetched(look, tenant)) ?? (await fetched(look, tenant, days));
    if (keys === undefined) throw new KeyUnavailableError();
    return keys;
  }

  async function key(tenant: string, id: KeyId): Promise<KeyObject> {
    const look = () => cache.key(tenant, id);
    const ids = comesUnasked(id, clock.now()) ? undefined : [id];
    const found =
      usable(look(), tenant, ids) ??
      (await fetched(look, tenant, ids)) ??
      (await fetched(look, tenant, [id]));
    if (found === undefined) throw new KeyUnavailableError();
    return found;
  }

  function onDropped(tenant: string | null, ids: readonly KeyId[] | null): void {
    drops += 1;
    cache.drop(tenant, ids);
  }

  /**
   * Removes keys from memory after their time. If privacy has not answered recently, it is asked first.
   * If it is away, the keys that may be used stale are kept until it is back.
   */
  function prune(): void {
    const tenant = cache.overdue(clock.now());
    if (tenant === undefined) return;
    if (!source.isDown() && clock.now() - source.answeredAt() < recent) {
      cache.prune(clock.now(), () => false);
      return;
    }
    cache.prune(clock.now(), (lastDay) => isUsableStale(lastDay, clock.now()));
    // The request that is under way gives the same information.
    if (underWay.size > 0) return;
    source.ask(tenant, []).then(
      () => cache.prune(clock.now(), () => false),
      (error: unknown) => log.debug('keys.refresh_failed', { tenant, error }),
    );
  }

  const endSubscription = listenForDrops(options, {
    onDropped,
    // Broadcasts during a lost subscription are lost too: trust no key until privacy has answered.
    onMissed() {
      drops += 1;
      cache.age();
    },
  });
  const pruning = setInterval(prune, pruneEvery).unref();

  return {
    key,
    sealingKeys,
    cached,
    forget: (tenant) => onDropped(tenant, null),
    async close() {
      clearInterval(pruning);
      cache.drop(null, null);
      await endSubscription();
    },
  };
}
