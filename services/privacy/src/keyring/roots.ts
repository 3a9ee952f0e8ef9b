import { randomBytes, type KeyObject } from 'node:crypto';
import { CodedError, type DayPurpose } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { takeKey } from '@mysmtp/seal';
import { isDuplicateKey, type Clock } from '@mysmtp/service';
import type { Model } from 'mongoose';
import type { Vault } from '../vault/vault.ts';
import { dayRootId, epochRootId, numberOfEpoch, type RootKind } from './days.ts';
import { checkOf, secretLength } from './derive.ts';
import type { RootDocument } from './root.ts';

export interface Root {
  readonly id: string;
  readonly secret: KeyObject;
  readonly retired: boolean;
}

/** The roots: their secrets in the vault together with their records in the database. */
export interface Roots {
  /** `undefined` if there is none, or none any more. */
  find(id: string): Promise<Root | undefined>;
  /** The root of this purpose and day. It is made now if it never existed. */
  ensureDay(purpose: DayPurpose, day: string): Promise<Root | undefined>;
  /** The newest epoch. The first one is made if there is none. */
  currentEpoch(): Promise<Root>;
  nextEpoch(): Promise<Root>;
  /** Retires every epoch that is older than this one. */
  retireEpochsBefore(id: string): Promise<void>;
  /** Retires it, destroys it in the vault and records that, in this order. Continues after a crash. */
  destroy(id: string): Promise<void>;
  /** The roots that are not destroyed yet. */
  active(): Promise<RootDocument[]>;
  all(): Promise<RootDocument[]>;
}

/** A root stays in memory no longer than an unwrapped key. Milliseconds. */
const cachedFor = 60_000;

export function createRoots(deps: {
  model: Model<RootDocument>;
  vault: Vault;
  clock: Clock;
  log: Logger;
}): Roots {
  const { model, vault, clock, log } = deps;
  const cache = new Map<string, { root: Root; until: number }>();
  /** Grows with every dropped root: a read that was under way then may have returned that root. */
  let drops = 0;

  function keep(root: Root): void {
    const until = clock.now() + cachedFor;
    cache.set(root.id, { root, until });
    // Another process may destroy it, and no later call here would notice.
    setTimeout(() => forget(root), cachedFor).unref();
  }

  function forget({ id }: Pick<Root, 'id'>): void {
    drops += 1;
    cache.delete(id);
  }

  async function find(id: string): Promise<Root | undefined> {
    const cached = cache.get(id);
    if (cached !== undefined && clock.now() < cached.until) return cached.root;
    const before = drops;
    const known = await model.findById(id).lean();
    if (known === null || known.check === null || known.destroyedAt !== null) return undefined;
    const secret = await vault.read(id);
    // Destroyed in the vault, but not recorded yet.
    if (secret === undefined && known.retiredAt !== null) return undefined;
    if (secret === undefined || checkOf(secret) !== known.check) {
      secret?.fill(0);
      log.error('keyring.root_wrong', { root: id, reason: secret ? 'another' : 'missing' });
      throw new CodedError(
        'root_wrong',
        'The root in the vault is missing or does not match the database',
      );
    }
    const root = { id, secret: takeKey(secret), retired: known.retiredAt !== null };
    if (drops === before) keep(root);
    return root;
  }

  /**
   * Recorded in the database first, without a check value, then made in the vault, then confirmed. The
   * next attempt completes what a crash has left. The vault never has a root without a record.
   */
  async function ensure(id: string, kind: RootKind, day: string | null): Promise<Root | undefined> {
    const found = await find(id);
    if (found !== undefined) return found;
    await insertOnce(model, { _id: id, kind, day, createdAt: new Date(clock.now()) });
    const known = await model.findById(id).lean();
    if (known === null || known.retiredAt !== null) return undefined;
    if (known.check === null) {
      const secret = randomBytes(secretLength);
      const made = await vault.create(id, secret).finally(() => secret.fill(0));
      if (made) log.info('keyring.root_created', { root: id });
      await confirm(id);
    }
    return find(id);
  }

  /** The secret in the vault is the valid one, no matter which process made it. */
  async function confirm(id: string): Promise<void> {
    const secret = await vault.read(id);
    if (secret === undefined) {
      throw new CodedError('root_lost', 'The vault has lost a root that was just made');
    }
    const check = checkOf(secret);
    secret.fill(0);
    await model.updateOne({ _id: id, check: null }, { check });
  }

  const newestEpoch = () =>
    model.findOne({ kind: 'epoch', retiredAt: null }).sort({ _id: -1 }).lean();

  async function ensureEpoch(id: string): Promise<Root> {
    const root = await ensure(id, 'epoch', null);
    if (root === undefined) throw new CodedError('epoch_over', 'This epoch is over');
    return root;
  }

  return {
    find,
    ensureDay: (purpose, day) => ensure(dayRootId(purpose, day), purpose, day),
    async currentEpoch() {
      const newest = await newestEpoch();
      return ensureEpoch(newest?._id ?? epochRootId(1));
    },
    async nextEpoch() {
      const newest = await newestEpoch();
      return ensureEpoch(epochRootId(newest === null ? 1 : numberOfEpoch(newest._id) + 1));
    },
    async retireEpochsBefore(id) {
      await model.updateMany(
        { kind: 'epoch', _id: { $lt: id }, retiredAt: null },
        { retiredAt: new Date(clock.now()) },
      );
      drops += 1;
      cache.clear();
    },
    async destroy(id) {
      await model.updateOne({ _id: id, retiredAt: null }, { retiredAt: new Date(clock.now()) });
      forget({ id });
      await vault.destroy(id);
      await model.updateOne({ _id: id, destroyedAt: null }, { destroyedAt: new Date(clock.now()) });
      log.info('keyring.root_destroyed', { root: id });
    },
    active: () => model.find({ destroyedAt: null }).sort({ _id: 1 }).lean(),
    all: () => model.find().sort({ _id: 1 }).lean(),
  };
}

async function insertOnce(
  model: Model<RootDocument>,
  document: Pick<RootDocument, '_id' | 'kind' | 'day' | 'createdAt'>,
): Promise<void> {
  try {
    await model.create(document);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}
