import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../repository.ts';
import { readOrMake } from '../secrets.ts';
import { apiUrl, nodeArguments, serviceEnvironment, type Plan } from './programs.ts';

export interface FirstTenant {
  readonly tenant: { readonly id: string; readonly domain: string; readonly ownerToken: string };
  readonly operator: { readonly token: string };
  readonly credential: { readonly username: string; readonly password: string };
}

const domain = 'demo.example.org';

/** The demo tenant, made by identity's bootstrap command at the first start and remembered from then on. */
export async function firstTenant(plan: Plan): Promise<FirstTenant> {
  return readOrMake(path.join(plan.dir, 'first-tenant.secret.json'), async () => {
    const command = path.join(repositoryRoot, 'services/identity/src/bootstrap.ts');
    const options = ['--tenant', 'Demo', '--owner', `owner@${domain}`, '--domain', domain];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...nodeArguments, command, ...options],
      { env: serviceEnvironment(plan, 'identity'), timeout: 90_000 },
    );
    return JSON.parse(stdout) as FirstTenant;
  });
}

/** Lets the demo tenant's clients in this network submit without AUTH; made once per network. */
export async function networkCredential(
  plan: Plan,
  ownerToken: string,
  cidr: string,
): Promise<void> {
  const file = path.join(plan.dir, `network-${cidr.replaceAll(/[^\da-f]/gi, '-')}.json`);
  await readOrMake(file, async () => {
    const response = await fetch(`${apiUrl(plan, 'identity')}/v1/credentials`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ownerToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'network', cidr }),
    });
    if (!response.ok) {
      throw new Error(`--network ${cidr}: identity answered ${await response.text()}`);
    }
    const { id } = (await response.json()) as { id: string };
    return { id };
  });
}
