import { TenantUnavailable } from '@mysmtp/contracts';
import { withAsciiDomain } from '@mysmtp/mail';
import { addressIndex, takeKey } from '@mysmtp/seal';
import { resolveKeys } from './resolve.ts';

class NoIndexError extends TenantUnavailable {
  constructor() {
    super('The tenant has no key', 'keys', false);
    this.name = 'NoIndexError';
  }
}

/** Finds the blind index of an address in the data of a tenant: services know persons only by it. */
export type PersonOf = (tenant: string, address: string) => Promise<string>;

export const createPersonOf =
  (deps: Parameters<typeof resolveKeys>[2]): PersonOf =>
  async (tenant, address) => {
    const { keys } = await resolveKeys(tenant, ['index'], deps);
    const octets = keys['index'];
    if (octets === undefined) throw new NoIndexError();
    return addressIndex(takeKey(octets), withAsciiDomain(address) ?? address);
  };
