import {
  lowestMessageId,
  dayKeyId,
  TenantUnavailable,
  timeOfMessageId,
  type KeyId,
} from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import { batchSize, type SpoolCollections } from './collections.ts';

export interface OrphanLimits {
  /** An incomplete message that began before this moment (milliseconds) is abandoned. */
  readonly abandonedBefore: number;
  /** A message that was accepted before this moment should have been removed with its key. */
  readonly expiredBefore: number;
  /** Whether the message's key is destroyed. Until then the message may still be delivered. */
  readonly isKeyDead: (tenant: string, message: string) => Promise<boolean>;
}

type Remove = (ids: readonly string[]) => Promise<void>;

/** Returns the number of removed messages. */
export async function removeOrphans(
  collections: SpoolCollections,
  remove: Remove,
  { abandonedBefore, expiredBefore, isKeyDead }: OrphanLimits,
): Promise<number> {
  const expired = { $lt: lowestMessageId(expiredBefore) };

  async function removeAbandoned(): Promise<number> {
    const uploadDate = { $lt: new Date(abandonedBefore) };
    const filter = { uploadDate, 'metadata.state': 'writing' as const };
    for (let count = 0; ;) {
      const found = await collections.files
        .find(filter, { projection: { _id: 1 }, limit: batchSize })
        .toArray();
      await remove(found.map(({ _id }) => _id));
      count += found.length;
      if (found.length < batchSize) return count;
    }
  }

  async function removeDead(): Promise<number> {
    let count = 0;
    for (let after = ''; ;) {
      const filter = { _id: { $gt: after, ...expired }, 'metadata.state': 'publishing' as const };
      const found = await collections.files
        .find(filter, {
          projection: { 'metadata.tenant': 1 },
          sort: { _id: 1 },
          limit: batchSize,
        })
        .toArray();
      const dead: string[] = [];
      for (const { _id, metadata } of found) {
        if (await isKeyDead(metadata.tenant, _id)) dead.push(_id);
      }
      await remove(dead);
      count += dead.length;
      const last = found.at(-1);
      if (last === undefined) return count;
      after = last._id;
    }
  }

  /**
   * Removes chunks without a file. These exist if an insert timed out, the message was removed, and a
   * database server that had stalled executed the insert later. A file is created before its chunks and
   * removed after them, so a chunk without a file belongs to no message.
   */
  async function removeStrayChunks(): Promise<number> {
    let count = 0;
    for (let after = ''; ;) {
      // The query is covered by the index: no chunk is read.
      const found = await collections.chunks
        .find(
          { files_id: { $gt: after, ...expired } },
          { projection: { _id: 0, files_id: 1 }, sort: { files_id: 1 }, limit: batchSize },
        )
        .toArray();
      const ids = new Set(found.map(({ files_id }) => files_id));
      const files = collections.files.find({ _id: { $in: [...ids] } }, { projection: { _id: 1 } });
      for await (const { _id } of files) ids.delete(_id);
      await remove([...ids]);
      count += ids.size;
      const last = found.at(-1);
      if (last === undefined) return count;
      after = last.files_id;
    }
  }

  return (await removeAbandoned()) + (await removeDead()) + (await removeStrayChunks());
}

/**
 * Checks whether the mail key of a tenant for a message's day is destroyed, once per tenant and day. A key
 * that is temporarily unavailable counts as existing. Messages of a fenced tenant stay for the purge, which
 * counts them.
 */
export function askForDeadKeys(tenants: Pick<Tenants, 'run'>): OrphanLimits['isKeyDead'] {
  const answers = new Map<string, Promise<boolean>>();

  async function ask(tenant: string, id: KeyId): Promise<boolean> {
    try {
      // Not `keys`: the events key of that day may be destroyed while its mail is still to be delivered.
      await tenants.run(tenant, 'read', (scope) => scope.key(id));
      return false;
    } catch (error) {
      if (!(error instanceof TenantUnavailable)) throw error;
      return !error.passes && error.reason !== 'fenced';
    }
  }

  return (tenant, message) => {
    const id = dayKeyId('mail', timeOfMessageId(message));
    const question = `${tenant} ${id}`;
    const answer = answers.get(question) ?? ask(tenant, id);
    answers.set(question, answer);
    return answer;
  };
}
