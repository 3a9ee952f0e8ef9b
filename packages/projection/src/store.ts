import { IdentityChange, reader, type IdentityEntity } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import type { Collection, mongo } from 'mongoose';
import { buriedOf, type Entry } from './entries.ts';

/** One entity as the service's own database keeps it; `_id` is `entity:id`. */
interface Stored {
  _id: string;
  version: number;
  state: IdentityChange['state'];
  buried?: true;
}

/** Says which entities a complete snapshot was once applied for. */
interface Mark {
  _id: typeof markId;
  entities: readonly IdentityEntity[];
  at: number;
}
const markId = 'snapshot';

/** What waits to be written, and what of the old it takes the place of. */
interface Pending {
  readonly change: IdentityChange;
  readonly how: 'put' | 'settle' | 'remove';
}

export interface Store {
  load(): Promise<{ changes: Entry[]; whole: boolean }>;
  /** Takes a change to be written soon; memory is already ahead and never waits for this. */
  put(change: IdentityChange): void;
  /** The same, of what takes the place of whatever is there but what an erasure has buried. */
  settle(change: IdentityChange): void;
  /** Takes out what identity does not know. */
  remove(change: IdentityChange): void;
  /** Written after everything that was put before, or never. */
  markWhole(at: number): void;
  /**
   * Puts tombstones in the place of a tenant and all that is its own: of what is in the database, and
   * of these, which may not have been written yet. Returns all of them.
   */
  bury(tenant: string, known: readonly Entry[]): Promise<Entry[]>;
  /** Writes what is left, if the database answers. */
  close(): Promise<void>;
}

const batchSize = 1_000;
const delays = { first: 100, longest: 5_000 } as const;

/** Keeps a projection across restarts. Processes of one service share it: each writes, by version. */
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
      // What changed again while it was written stays for the next round.
      for (const [id, entry] of batch) if (pending.get(id) === entry) pending.delete(id);
    }
    if (mark === undefined) return;
    const written = mark;
    await documents.replaceOne({ _id: markId }, written, { upsert: true });
    if (mark === written) mark = undefined;
  }

  /** Until it is written or the store closes, which writes once more. */
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
      let whole = false;
      let unreadable = 0;
      for await (const stored of documents.find()) {
        if ('entities' in stored) {
          whole = entities.every((entity) => stored.entities.includes(entity));
          continue;
        }
        const change = reader(IdentityChange).safeParse(asChange(stored));
        if (!change.success) unreadable += 1;
        else if (entities.includes(change.data.entity)) {
          changes.push(stored.buried === true ? { ...change.data, buried: true } : change.data);
        }
      }
      if (unreadable > 0) log.warn('projection.unreadable', { count: unreadable });
      return { changes, whole: whole && unreadable === 0 };
    },
    put(change) {
      // What was to take the place of anything is not written yet; then this does.
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
    markWhole(at) {
      mark = { _id: markId, entities, at };
      start();
    },
    async bury(tenant, known) {
      const tombstones = new Map(known.map((change) => [nameOf(change), change]));
      const own = { $or: [{ _id: `tenant:${tenant}` }, { 'state.tenant': tenant }] };
      for await (const stored of documents.find({ ...own, state: { $ne: null } })) {
        if ('entities' in stored) continue;
        // Nothing of its state stays, so it need not be one that this release can read.
        const tombstone = buriedOf(asChange(stored) as IdentityChange);
        if (!tombstones.has(stored._id)) tombstones.set(stored._id, tombstone);
      }
      const burials = [...tombstones].map(([id, change]) => replaceOlder(id, change));
      if (burials.length > 0) await documents.bulkWrite(burials, { ordered: false });
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
 * The rule of `supersedes`, decided by the server in one update: the filter is the `_id` alone, so
 * that of two processes that insert the same entity at once neither write is lost.
 */
function replaceOlder(
  id: string,
  { version, state, buried }: Entry,
): mongo.AnyBulkWriteOperation<Stored | Mark> {
  const absent = { $eq: [{ $type: '$version' }, 'missing'] };
  const older = state === null ? true : { $lt: ['$version', version] };
  const buriedHere = { $and: [{ $eq: ['$buried', true] }, state === null] };
  const superseded = { $or: [absent, buriedHere, { $and: [{ $ne: ['$state', null] }, older] }] };
  const replacement = {
    $literal: { _id: id, version, state, ...(buried === true ? { buried } : {}) },
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

/** How what is pending is written. */
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
                { $and: [{ $eq: ['$buried', true] }, state !== null] },
                '$$ROOT',
                { $literal: { _id: id, version, state } },
              ],
            },
          },
        ],
        upsert: true,
      },
    }),
    remove: (id) => ({ deleteOne: { filter: { _id: id, buried: { $ne: true } } } }),
  };
