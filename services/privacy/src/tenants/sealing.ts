import { TenantUnavailable } from '@mysmtp/contracts';
import { openJson, sealJson, takeKey } from '@mysmtp/seal';
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

/** Seals what this service itself keeps about a tenant, under its account key. */
export interface Sealing {
  /** `record`: names the record, so that sealed values cannot be swapped. Base64. */
  seal(tenant: string, record: string, value: unknown): Promise<string>;
  /** Parse the value with its schema: another version may have sealed it. */
  open(tenant: string, record: string, sealed: string): Promise<unknown>;
}

export function createSealing(deps: Parameters<typeof resolveKeys>[2]): Sealing {
  async function keyOf(tenant: string): Promise<KeyObject> {
    const { keys } = await resolveKeys(tenant, [keyId], deps);
    const octets = keys[keyId];
    if (octets === undefined) throw new NoKeyError();
    return takeKey(octets);
  }
  return {
    async seal(tenant, record, value) {
      return sealJson(await keyOf(tenant), { tenant, keyId, record }, value).toString('base64');
    },
    async open(tenant, record, sealed) {
      return openJson(await keyOf(tenant), { tenant, record }, Buffer.from(sealed, 'base64'));
    },
  };
}
