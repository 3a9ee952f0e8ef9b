import { IdentityChange, reader, type IdentityEntity } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import type { Collection, mongo } from 'mongoose';
import { deletedOf, type Entry } from './entries.ts';

/** One entity in the service's own database; `_id` is `entity:id`. */
interface Stored {
  _id: string;
  version: number;
  state: IdentityChange['state'];
  deleted?: true;
}

/** Lists the entities for which a complete snapshot was applied. */
interface Mark {
  _id: typeof markId;
  entities: readonly IdentityEntity[];
  at: number;
}
const markId = 'snapshot';

/** A change to be written, and which stored states it replaces. */
interface Pending {
  readonly change: IdentityChange;
  readonly how: 'put' | 'settle' | 'remove';
}

export interface Store {
  load(): Promise<{ changes: Entry[]; ready: boolean }>;
  /** Queues a change for writing. Memory is already ahead and never waits for it. */
  put(change: IdentityChange): void;
  /** The same, but the change replaces any state except a tombstone of an erasure. */
  settle(change: IdentityChange): void;
  /** Deletes an entity that identity does not have. */
  remove(change: IdentityChange): void;
  /** Marks the projection as ready, after everything that was queued before is written. */
  markReady(at: number): void;
  /**
   * Replaces a tenant and all its entities by tombstones: those in the database, and `known` ones, which
   * may not be written yet. Returns all of them.
   */
  deleteTenant(tenant: string, known: readonly Entry[]): Promise<Entry[]>;
  /** Writes the rest, if the database answers. */
  close(): Promise<void>;
}

const batchSize = 1_000;
const delays = { first: 100, longest: 5_000 } as const;

/** Stores a projection across restarts. Processes of one service share it: each writes, by version. */
export function createStore(
  collection: Collection,
  entities: readonly IdentityEntity[],
  log: Logger,
): Store {
  const documents = collection as unknown as Collection<Stored | Mark>;
  const pending = new Map<string, Pending>();
  const closing = new AbortController();
  let mark: Mark | undefined;
  let writer: Promise<void> | undefined;

  async function writeOnce(): Promise<void> {
    while (pending.size > 0) {
      const batch = [...pending].slice(0, batchSize);
      const operations = batch.map(([id, { change, how }]) => writes[how](id, change));
      await documents.bulkWrite(operations, { ordered: false });
      // An entry that changed again during the write stays for the next round.
      for (const [id, entry] of batch) if (pending.get(id) === entry) pending.delete(id);
    }
    if (mark === undefined) return;
    const written = mark;
    await documents.replaceOne({ _id: markId }, written, { upsert: true });
    if (mark === written) mark = undefined;
  }

  /** Retries until everything is written or the store closes, which writes once more. */
  async function write(): Promise<void> {
    await retry(writeOnce, {
      ...delays,
      signal: closing.signal,
      onRetry: (error) => log.warn('projection.not_saved', { error, count: pending.size }),
    }).catch(() => undefined);
  }

  function start(): void {
    writer ??= write().finally(() => {
      writer = undefined;
      if ((pending.size > 0 || mark !== undefined) && !closing.signal.aborted) start();
    });
  }

  return {
    async load() {
      const changes: Entry[] = [];
      let ready = false;
      let unreadable = 0;
      for await (const stored of documents.find()) {
        if ('entities' in stored) {
          ready = entities.every((entity) => stored.entities.includes(entity));
          continue;
        }
        const change = reader(IdentityChange).safeParse(asChange(stored));
        if (!change.success) unreadable += 1;
        else if (entities.includes(change.data.entity)) {
          changes.push(stored.deleted === true ? { ...change.data, deleted: true } : change.data);
        }
      }
      if (unreadable > 0) log.warn('projection.unreadable', { count: unreadable });
      return { changes, ready: ready && unreadable === 0 };
    },
    put(change) {
      // If a pending change was to replace any state, this one must too.
      const before = pending.get(nameOf(change))?.how ?? 'put';
      const how = before === 'put' ? 'put' : 'settle';
      pending.set(nameOf(change), { change, how });
      start();
    },
    settle(change) {
      pending.set(nameOf(change), { change, how: 'settle' });
      start();
    },
    remove(change) {
      pending.set(nameOf(change), { change, how: 'remove' });
      start();
    },
    markReady(at) {
      mark = { _id: markId, entities, at };
      start();
    },
    async deleteTenant(tenant, known) {
      const tombstones = new Map(known.map((change) => [nameOf(change), change]));
      const own = { $or: [{ _id: `tenant:${tenant}` }, { 'state.tenant': tenant }] };
      for await (const stored of documents.find({ ...own, state: { $ne: null } })) {
        if ('entities' in stored) continue;
        // The state is not kept, so this release need not be able to read it.
        const tombstone = deletedOf(asChange(stored) as IdentityChange);
        if (!tombstones.has(stored._id)) tombstones.set(stored._id, tombstone);
      }
      const replacements = [...tombstones].map(([id, change]) => replaceOlder(id, change));
      if (replacements.length > 0) await documents.bulkWrite(replacements, { ordered: false });
      return [...tombstones.values()];
    },
    async close() {
      closing.abort();
      await writer;
      if (pending.size === 0 && mark === undefined) return;
      await writeOnce().catch((error: unknown) => log.warn('projection.not_saved', { error }));
    },
  };
}

const nameOf = ({ entity, id }: IdentityChange): string => `${entity}:${id}`;

function asChange({ _id, version, state }: Stored): unknown {
  const colon = _id.indexOf(':');
  return { v: 1, entity: _id.slice(0, colon), id: _id.slice(colon + 1), version, state };
}

/**
 * The rule of `supersedes` as one update that the server evaluates. The filter is the `_id` alone, so
 * that two concurrent inserts of the same entity are both applied.
 */
function replaceOlder(
  id: string,
  { version, state, deleted }: Entry,
): mongo.AnyBulkWriteOperation<Stored | Mark> {
  const absent = { $eq: [{ $type: '$version' }, 'missing'] };
  const older = state === null ? true : { $lt: ['$version', version] };
  const deletedHere = { $and: [{ $eq: ['$deleted', true] }, state === null] };
  const superseded = { $or: [absent, deletedHere, { $and: [{ $ne: ['$state', null] }, older] }] };
  const replacement = {
    $literal: { _id: id, version, state, ...(deleted === true ? { deleted } : {}) },
  };
  return {
    updateOne: {
      filter: { _id: id },
      update: [{ $replaceWith: { $cond: [superseded, replacement, '$$ROOT'] } }],
      upsert: true,
    },
  };
}

type Write = mongo.AnyBulkWriteOperation<Stored | Mark>;

/** How a pending change is written. */
const writes: Readonly<Record<'put' | 'settle' | 'remove', (id: string, change: Entry) => Write>> =
  {
    put: replaceOlder,
    settle: (id, { version, state }) => ({
      updateOne: {
        filter: { _id: id },
        update: [
          {
            $replaceWith: {
              $cond: [
                { $and: [{ $eq: ['$deleted', true] }, state !== null] },
                '$$ROOT',
                { $literal: { _id: id, version, state } },
              ],
            },
          },
        ],
        upsert: true,
      },
    }),
    remove: (id) => ({ deleteOne: { filter: { _id: id, deleted: { $ne: true } } } }),
  };
