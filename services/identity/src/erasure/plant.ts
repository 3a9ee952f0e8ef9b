import { randomUUID } from 'node:crypto';
import type { Actor, Canaries, FenceOf } from '@mysmtp/contracts';
import type { SecurityLog } from '@mysmtp/security-log';
import type { Tenants } from '@mysmtp/tenancy';
import type { ProviderSettings } from '../providers/model.ts';
import type { Stores } from '../stores.ts';

/** Minutes. The verifier must find it, also if the erasure is delayed. */
const accessLife = 30 * 24 * 60;

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
    accesses,
    notices,
    accounts,
  }: Pick<
    Stores,
    | 'tenants'
    | 'domains'
    | 'credentials'
    | 'tokens'
    | 'suspensions'
    | 'accesses'
    | 'notices'
    | 'accounts'
  >,
  access: Pick<Tenants, 'fencedBy'>,
  securityLog: Pick<SecurityLog, 'record'>,
): (fence: FenceOf<'tenant'>) => Promise<Partial<Canaries>> {
  return async ({ erasure, tenant }) => {
    // A command that is redelivered after the fence is too late.
    if (access.fencedBy(tenant) !== undefined) return {};
    const actor: Actor = { kind: 'erasure', id: erasure };
    // A substitute tenant of privacy. Its own erasure must find a canary in this store too.
    if (!(await tenants.exists(tenant))) await tenants.plant(actor, tenant);
    const domain = await domains.add(actor, tenant, `${randomUUID()}.canary.invalid`, {
      reason: 'Planted for an erasure',
      withoutDns: true,
    });
    const credential = await credentials.createPassword(actor, tenant);
    await suspensions.suspend(actor, {
      tenant,
      credential: credential.id,
      status: 'suspended',
      reason: 'Planted for an erasure',
    });
    const token = await tokens.create(actor, { role: 'owner', tenant });
    const opener: Actor = { kind: 'token', id: token.id };
    const canary = { tenant, reason: 'Erasure', ticket: erasure, minutes: accessLife };
    await accesses.open(opener, canary, () => Promise.resolve());
    await notices.plant(tenant);
    await plantAccount(accounts, tenant);
    await securityLog.record({
      type: 'erasure_requested',
      tenant,
      actor: { kind: 'service', id: 'privacy' },
      object: erasure,
      outcome: 'ok',
    });
    // A finding without a mail.
    await securityLog.record({
      type: 'sign_in',
      tenant,
      actor: { kind: 'service', id: 'privacy' },
      outcome: 'ok',
      reason: 'new',
    });
    return { domain: domain.id, credential: credential.id, token: token.id };
  };
}

/** An account without a password, a provider that does not exist, a session without a known token, and a sign-in that cannot be finished. */
async function plantAccount(
  { people, sessions, challenges, providers }: Stores['accounts'],
  tenant: string,
): Promise<void> {
  const id = randomUUID();
  const address = `${id}@canary.invalid`;
  const person = await people.add({ id, tenant, role: 'reader', address });
  await sessions.open(person, 'enrol', 'canary');
  await challenges.issue('sign-in', { tenant, person: id }, { device: 'canary' });
  const settings: ProviderSettings = {
    issuer: 'https://canary.invalid',
    clientId: 'canary',
    domains: [],
    joinAs: null,
    acceptsFactor: false,
    factorContexts: [],
  };
  await providers.set(tenant, settings, randomUUID());
}
