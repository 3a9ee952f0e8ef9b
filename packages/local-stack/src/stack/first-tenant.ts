import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { readOrMake } from '../secrets.ts';
import { demoDomain } from './first-mail.ts';
import { nodeArguments, programFile, serviceEnvironment, type Plan } from './programs.ts';

export interface FirstTenant {
  readonly tenant: { readonly id: string; readonly domain: string; readonly ownerToken: string };
  readonly operator: { readonly token: string };
  readonly credential: { readonly username: string; readonly password: string };
}

/** The demo tenant, created by identity's bootstrap command at the first start and stored. */
export async function firstTenant(plan: Plan, signal?: AbortSignal): Promise<FirstTenant> {
  return readOrMake(path.join(plan.dir, 'first-tenant.secret.json'), async () => {
    const command = programFile(plan, 'identity', 'bootstrap');
    const tenant = ['--tenant', 'Demo', '--owner', `owner@${demoDomain}`];
    // No public DNS has records of the demo domain.
    const options = [...tenant, '--domain', demoDomain, '--without-dns'];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...nodeArguments, command, ...options],
      {
        env: serviceEnvironment(plan, 'identity'),
        timeout: 90_000,
        ...(signal === undefined ? {} : { signal }),
      },
    );
    return JSON.parse(stdout) as FirstTenant;
  });
}

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
