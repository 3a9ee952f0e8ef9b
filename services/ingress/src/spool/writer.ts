import type { KeyObject } from 'node:crypto';
import { createChunkSealer } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import { mongo } from 'mongoose';
import { patience, type SpoolCollections } from './collections.ts';

/** The message that is written to the spool. */
export interface SpoolOwner {
  readonly id: string;
  readonly tenant: string;
  /** The tenant's mail key of the day. */
  readonly key: KeyObject;
  readonly keyId: string;
}

export interface SpoolWriter {
  /** Resolves when all full chunks are durable. A caller that awaits it has at most one chunk in memory. */
  write(octets: Buffer): Promise<void>;
  /** Resolves when the complete message is durable. */
  finish(): Promise<{ readonly id: string; readonly chunks: number }>;
  /** Removes the message after a refusal or an abort. */
  discard(): Promise<void>;
}

/**
 * Every write is acknowledged by a majority and journaled (the connection's write concern). Once the
 * tenant is fenced, `write` and `finish` write nothing and throw a `TenantUnavailable`.
 */
export function createSpoolWriter(
  { files, chunks }: SpoolCollections,
  { id, tenant, key, keyId }: SpoolOwner,
  deps: {
    readonly clock: { now(): number };
    readonly tenants: Pick<Tenants, 'run'>;
    readonly remove: () => Promise<void>;
  },
): SpoolWriter {
  const { clock, tenants, remove } = deps;
  const sealer = createChunkSealer(key, { tenant, keyId, record: `spool:${id}` });
  let count = 0;
  let length = 0;
  let chunkSize = 0;

  async function begin(): Promise<void> {
    const uploadDate = new Date(clock.now());
    const metadata = { tenant, state: 'writing' } as const;
    await files.insertOne({ _id: id, length: 0, chunkSize: 0, uploadDate, metadata }, patience);
  }

  async function put(sealed: Buffer): Promise<void> {
    // Two separate runs: during the first write a fence may be applied, or the fence list may become stale.
    if (count === 0) await tenants.run(tenant, 'write', begin);
    const chunk = { _id: new mongo.ObjectId(), files_id: id, tenant, n: count, data: sealed };
    await tenants.run(tenant, 'write', () => chunks.insertOne(chunk, patience));
    count += 1;
    length += sealed.length;
    chunkSize = Math.max(chunkSize, sealed.length);
  }

  return {
    async write(octets) {
      for (const sealed of sealer.push(octets)) await put(sealed);
    },
    async finish() {
      await put(sealer.finish());
      const complete = { length, chunkSize, 'metadata.state': 'publishing' as const };
      await tenants.run(tenant, 'write', () =>
        files.updateOne({ _id: id }, { $set: complete }, patience),
      );
      return { id, chunks: count };
    },
    discard: remove,
  };
}
