import type { FirstTenant } from './first-tenant.ts';

/**
 * Lets the demo tenant's clients in this network submit without AUTH; made once per network. An
 * operator makes it, since whoever may name a network lets everybody in it submit.
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

/** Identity does not want this network: it overlaps another tenant's, or is too wide. */
export class NetworkRefusedError extends Error {}
