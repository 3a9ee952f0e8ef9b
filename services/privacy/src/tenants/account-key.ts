import { TenantUnavailable } from '@mysmtp/contracts';
import { takeKey } from '@mysmtp/seal';
import type { KeyObject } from 'node:crypto';
import { resolveKeys } from './resolve.ts';

/** The tenant has no key: it is unknown, or being erased. */
class NoAccountKeyError extends TenantUnavailable {
  constructor() {
    super('The tenant has no key', 'keys', false);
    this.name = 'NoAccountKeyError';
  }
}

/** The account key of a tenant, for one use. Throws a `TenantUnavailable`. */
export type AccountKeyOf = (tenant: string) => Promise<KeyObject>;

export const createAccountKeyOf =
  (deps: Parameters<typeof resolveKeys>[2]): AccountKeyOf =>
  async (tenant) => {
    const { keys } = await resolveKeys(tenant, ['account'], deps);
    const octets = keys['account'];
    if (octets === undefined) throw new NoAccountKeyError();
    return takeKey(octets);
  };
