import { randomUUID } from 'node:crypto';
import type { Canaries } from '@mysmtp/contracts';
import type { Nouns } from '../nouns.ts';

/**
 * Makes a domain, a credential and a token of the tenant for the verifier to find, as the API makes
 * them: here, and by their events in every projection. Nobody ever sees their secrets, and the domain
 * cannot exist (RFC 2606 2). Doing it again makes others.
 */
export async function plantCanaries(
  tenant: string,
  { domains, credentials, tokens }: Pick<Nouns, 'domains' | 'credentials' | 'tokens'>,
): Promise<Partial<Canaries>> {
  const domain = await domains.add(tenant, `${randomUUID()}.canary.invalid`);
  const credential = await credentials.createPassword(tenant);
  const token = await tokens.create({ role: 'owner', tenant });
  return { domain: domain.id, credential: credential.id, token: token.id };
}
