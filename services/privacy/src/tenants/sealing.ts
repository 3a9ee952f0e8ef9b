import { TenantUnavailable, type KeyId } from '@mysmtp/contracts';
import { addressIndex, openJson, sealJson, takeKey } from '@mysmtp/seal';
import type { KeyObject } from 'node:crypto';
import { resolveKeys } from './resolve.ts';

/** The tenant has no key: it is unknown, or being erased. */
class NoKeyError extends TenantUnavailable {
  constructor() {
    super('The tenant has no key', 'keys', false);
    this.name = 'NoKeyError';
  }
}

const keyId = 'account';

/** For many records of one tenant at once. Use it soon and keep it nowhere. */
export interface Sealer {
  seal(record: string, value: unknown): string;
  /** The blind index of an address, as in the other services. */
  index(address: string): string;
}

/** Seals what this service itself keeps about a tenant, under its account key. */
export interface Sealing {
  sealer(tenant: string): Promise<Sealer>;
  /** `record`: names the record, so that sealed values cannot be swapped. Base64. */
  seal(tenant: string, record: string, value: unknown): Promise<string>;
  /** Parse the value with its schema: another version may have sealed it. */
  open(tenant: string, record: string, sealed: string): Promise<unknown>;
}

export function createSealing(deps: Parameters<typeof resolveKeys>[2]): Sealing {
  async function keysOf<const Ids extends readonly KeyId[]>(tenant: string, ids: Ids) {
    const { keys } = await resolveKeys(tenant, ids, deps);
    return ids.map((id) => {
      const octets = keys[id];
      if (octets === undefined) throw new NoKeyError();
      return takeKey(octets);
    }) as { [At in keyof Ids]: KeyObject };
  }
  const keyOf = async (tenant: string) => (await keysOf(tenant, [keyId]))[0];

  return {
    async sealer(tenant) {
      const [account, index] = await keysOf(tenant, [keyId, 'index']);
      return {
        seal: (record, value) =>
          sealJson(account, { tenant, keyId, record }, value).toString('base64'),
        index: (address) => addressIndex(index, address),
      };
    },
    async seal(tenant, record, value) {
      return sealJson(await keyOf(tenant), { tenant, keyId, record }, value).toString('base64');
    },
    async open(tenant, record, sealed) {
      return openJson(await keyOf(tenant), { tenant, record }, Buffer.from(sealed, 'base64'));
    },
  };
}
