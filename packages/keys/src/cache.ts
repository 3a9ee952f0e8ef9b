import type { KeyObject } from 'node:crypto';
import { dayKeyId, type KeyId } from '@mysmtp/contracts';
import { lastDayOf } from './freshness.ts';

/** The keys that seal a tenant's values, and the ids of the keys of the day. */
export interface SealingKeys {
  readonly mail: KeyObject;
  readonly mailId: KeyId;
  readonly events: KeyObject;
  readonly eventsId: KeyId;
  readonly index: KeyObject;
  readonly account: KeyObject;
}

/** A key or a set of keys, with its validity. */
export interface CachedKey<Value> {
  readonly value: Value;
  readonly fetchedAt: number;
  readonly lastDay: string;
}

interface CachedKeyObject extends CachedKey<KeyObject> {
  /** When it came into memory, no matter whether it is still fresh. */
  readonly since: number;
}

/** How long a key stays in memory while privacy answers, whatever the freshness setting. Milliseconds. */
const keptFor = 60_000;

interface TenantEntry {
  readonly keys: Map<KeyId, CachedKeyObject>;
  /** The set of the newest day, cached so that it is not assembled for each message. */
  sealing: CachedKey<SealingKeys> | undefined;
}

export interface KeyCache {
  key(tenant: string, id: KeyId): CachedKey<KeyObject> | undefined;
  sealing(tenant: string, at: number): CachedKey<SealingKeys> | undefined;
  put(tenant: string, id: KeyId, key: KeyObject, fetchedAt: number): void;
  /** `null`: of all tenants, or all keys. */
  drop(tenant: string | null, ids: readonly KeyId[] | null): void;
  /** Marks every key as old: it may be used only in the way of a stale key. */
  age(): void;
  /** A tenant with a key that is due for removal from memory; `undefined` if there is none. */
  overdue(now: number): string | undefined;
  /** Removes the keys that are due; `needed` decides which are kept nevertheless. */
  prune(now: number, needed: (lastDay: string) => boolean): void;
}

export function createKeyCache(): KeyCache {
  const tenants = new Map<string, TenantEntry>();

  function dropFrom(tenant: string, ids: readonly KeyId[] | null): void {
    const entry = tenants.get(tenant);
    if (entry === undefined) return;
    entry.sealing = undefined;
    for (const id of ids ?? entry.keys.keys()) entry.keys.delete(id);
    if (entry.keys.size === 0) tenants.delete(tenant);
  }

  return {
    key: (tenant, id) => tenants.get(tenant)?.keys.get(id),
    sealing(tenant, at) {
      const entry = tenants.get(tenant);
      if (entry === undefined) return undefined;
      if (entry.sealing?.value.mailId !== dayKeyId('mail', at)) {
        entry.sealing = assemble(entry.keys, at);
      }
      return entry.sealing;
    },
    put(tenant, id, key, fetchedAt) {
      let entry = tenants.get(tenant);
      if (entry === undefined)
        tenants.set(tenant, (entry = { keys: new Map(), sealing: undefined }));
      const lastDay = lastDayOf(id, fetchedAt);
      entry.keys.set(id, { value: key, fetchedAt, lastDay, since: fetchedAt });
      entry.sealing = undefined;
    },
    drop(tenant, ids) {
      for (const name of tenant === null ? [...tenants.keys()] : [tenant]) dropFrom(name, ids);
    },
    age() {
      for (const entry of tenants.values()) {
        entry.sealing = undefined;
        for (const [id, held] of entry.keys) {
          entry.keys.set(id, { ...held, fetchedAt: Number.NEGATIVE_INFINITY });
        }
      }
    },
    overdue(now) {
      for (const [tenant, { keys }] of tenants) {
        for (const held of keys.values()) if (isOver(held, now)) return tenant;
      }
      return undefined;
    },
    prune(now, needed) {
      for (const [tenant, { keys }] of tenants) {
        const over = [...keys].filter(([, held]) => isOver(held, now) && !needed(held.lastDay));
        if (over.length === 0) continue;
        dropFrom(
          tenant,
          over.map(([id]) => id),
        );
      }
    },
  };
}

/** A clock that was set back makes the age negative. That proves nothing, so the time counts as over. */
const isOver = ({ since }: CachedKeyObject, now: number) => now < since || now - since >= keptFor;

/** The set is as old as its oldest key and lasts as long as its shortest-lived. */
function assemble(
  keys: ReadonlyMap<KeyId, CachedKey<KeyObject>>,
  at: number,
): CachedKey<SealingKeys> | undefined {
  const mailId = dayKeyId('mail', at);
  const eventsId = dayKeyId('events', at);
  const mail = keys.get(mailId);
  const events = keys.get(eventsId);
  const index = keys.get('index');
  const account = keys.get('account');
  if (!mail || !events || !index || !account) return undefined;
  const all = [mail, events, index, account];
  return {
    value: {
      mail: mail.value,
      mailId,
      events: events.value,
      eventsId,
      index: index.value,
      account: account.value,
    },
    fetchedAt: Math.min(...all.map((held) => held.fetchedAt)),
    lastDay: all.map((held) => held.lastDay).reduce((a, b) => (a < b ? a : b)),
  };
}
