import type { FirstTenant } from './first-tenant.ts';

/**
 * Allows the demo tenant's clients in this network to submit without AUTH; created once per network. It needs
 * an operator, since a network credential lets all clients of the network submit.
 */
export async function networkCredential(
  identityUrl: string,
  { tenant, operator }: FirstTenant,
  network: string,
): Promise<void> {
  const url = `${identityUrl}/v1/credentials`;
  const call = async (token: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(url, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok) throw new NetworkRefusedError(`--network ${network}: identity says ${text}`);
    return JSON.parse(text);
  };
  const { credentials } = (await call(tenant.ownerToken)) as {
    credentials: readonly { network?: string }[];
  };
  if (credentials.some((credential) => credential.network === network)) return;
  await call(operator.token, { label: '--network', network, tenant: tenant.id });
}

/** Identity refuses this network: it overlaps another tenant's, or is too large. */
export class NetworkRefusedError extends Error {}
