import { saltLength, type Content } from '@mysmtp/audit';
import {
  clientRecord,
  KeyId,
  networkRecord,
  operatorRealm,
  TenantUnavailable,
} from '@mysmtp/contracts';
import { keyIdOf, open, SealError } from '@mysmtp/seal';
import { octetsOf } from '@mysmtp/service';
import { keysOf, type Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import { payloadRecord, type StoredEntry } from './store.ts';

/** Opens what is stored beside the entries of the chain. */
export interface EntryOpener {
  /**
   * Throws a `TenantUnavailable` if the key is not available now, and a `SealError` if what is stored was
   * changed.
   */
  content(entry: StoredEntry): Promise<Content>;
  /** The network and the full address of the client, as far as they are still kept. */
  client(
    entry: StoredEntry,
    network: string | null,
  ): Promise<{ readonly network: string | null; readonly address: string | null }>;
}

export function createEntryOpener(tenants: Tenants): EntryOpener {
  const keyOf = keysOf(tenants);

  /** `undefined` if its key is destroyed. */
  async function opened(
    sealed: Buffer | mongo.Binary,
    { tenant: owner = operatorRealm }: StoredEntry,
    record: string,
  ): Promise<Buffer | undefined> {
    const octets = octetsOf(sealed);
    const id = KeyId.safeParse(keyIdOf(octets));
    if (!id.success) throw new SealError('malformed');
    try {
      const key = await keyOf(owner, id.data);
      return open(key, { tenant: owner, record }, octets);
    } catch (error) {
      if (error instanceof TenantUnavailable && !error.passes) return undefined;
      throw error;
    }
  }

  return {
    async content(entry) {
      if (entry.sealed === undefined) return { state: 'deleted' };
      const plain = await opened(entry.sealed, entry, payloadRecord(entry.event));
      if (plain === undefined) return { state: 'hidden' };
      return {
        state: 'shown',
        salt: plain.subarray(0, saltLength),
        payload: plain.subarray(saltLength).toString(),
      };
    },
    async client(entry, network) {
      const { event, client } = entry;
      const sealed = network === null ? undefined : Buffer.from(network, 'base64');
      const [known, address] = await Promise.all([
        sealed && opened(sealed, entry, networkRecord(event)),
        client && opened(client, entry, clientRecord(event)),
      ]);
      return { network: known?.toString() ?? null, address: address?.toString() ?? null };
    },
  };
}
