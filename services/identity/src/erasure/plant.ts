import { randomUUID } from 'node:crypto';
import type { Actor, Canaries, FenceOf } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { Nouns } from '../nouns.ts';

/**
 * What an erasure is checked by, made as everything else is. Nobody ever sees the secrets, and no
 * mail can come from a domain under `.invalid` (RFC 6761 6.4).
 */
export function plant(
  {
    tenants,
    domains,
    credentials,
    tokens,
  }: Pick<Nouns, 'tenants' | 'domains' | 'credentials' | 'tokens'>,
  access: Pick<Tenants, 'fencedBy'>,
): (fence: FenceOf<'tenant'>) => Promise<Partial<Canaries>> {
  return async ({ erasure, tenant }) => {
    // An order that is handed out again after the fence comes too late for anything.
    if (access.fencedBy(tenant) !== undefined) return {};
    const actor: Actor = { kind: 'erasure', id: erasure };
    // One that privacy made up: its own erasure has to find it in every store too.
    if (!(await tenants.exists(tenant))) await tenants.plant(actor, tenant);
    const domain = await domains.add(actor, tenant, `${randomUUID()}.canary.invalid`);
    const credential = await credentials.createPassword(actor, tenant);
    const token = await tokens.create(actor, { role: 'owner', tenant });
    return { domain: domain.id, credential: credential.id, token: token.id };
  };
}
