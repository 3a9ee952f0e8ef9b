import { randomUUID } from 'node:crypto';
import type { Actor, Canaries, FenceOf } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { Stores } from '../stores.ts';

/**
 * Plants the canaries of an erasure, by the same functions as for customers. Their secrets are never
 * shown, and no mail can come from a domain under `.invalid` (RFC 6761 6.4).
 */
export function plant(
  {
    tenants,
    domains,
    credentials,
    tokens,
    suspensions,
  }: Pick<Stores, 'tenants' | 'domains' | 'credentials' | 'tokens' | 'suspensions'>,
  access: Pick<Tenants, 'fencedBy'>,
): (fence: FenceOf<'tenant'>) => Promise<Partial<Canaries>> {
  return async ({ erasure, tenant }) => {
    // A command that is redelivered after the fence is too late.
    if (access.fencedBy(tenant) !== undefined) return {};
    const actor: Actor = { kind: 'erasure', id: erasure };
    // A substitute tenant of privacy. Its own erasure must find a canary in this store too.
    if (!(await tenants.exists(tenant))) await tenants.plant(actor, tenant);
    const domain = await domains.add(actor, tenant, `${randomUUID()}.canary.invalid`);
    const credential = await credentials.createPassword(actor, tenant);
    await suspensions.suspend(actor, {
      tenant,
      credential: credential.id,
      status: 'suspended',
      reason: 'Planted for an erasure',
    });
    const token = await tokens.create(actor, { role: 'owner', tenant });
    return { domain: domain.id, credential: credential.id, token: token.id };
  };
}
