import { createHash, randomUUID } from 'node:crypto';
import { domainIndex, seal } from '@mysmtp/seal';
import type { TestBroker } from '@mysmtp/test-kit';
import type { Neighbours } from '@mysmtp/test-kit/neighbours';

export interface Account {
  readonly tenant: string;
  readonly domain: string;
  readonly domainId: string;
  readonly username: string;
  readonly password: string;
  readonly credential: string;
}

interface World {
  readonly neighbours: Neighbours;
  readonly broker: TestBroker;
}

/** Everything that a tenant needs to send, published as identity does. */
export async function openAccount(
  { neighbours, broker }: World,
  signing: 'ours' | 'customer',
): Promise<Account> {
  const tenant = randomUUID();
  const account = {
    tenant,
    domain: `${tenant}.example.org`,
    domainId: randomUUID(),
    username: `mys_${randomUUID()}`,
    password: randomUUID(),
    credential: randomUUID(),
  };
  const tell = (change: Parameters<Neighbours['change']>[1]) => neighbours.change(broker, change);
  await tell({ entity: 'tenant', id: tenant, state: { status: 'active' } });
  const nameIndex = domainIndex(neighbours.keyOf(tenant, 'index'), account.domain);
  const state = { tenant, name: 'sealed', nameIndex, signing, status: 'verified' } as const;
  await tell({ entity: 'domain', id: account.domainId, state });
  return anotherCredential({ neighbours, broker }, account);
}

/** The same account with a new credential. */
export async function anotherCredential(
  { neighbours, broker }: World,
  account: Account,
): Promise<Account> {
  const { tenant } = account;
  const [username, password, credential] = [`mys_${randomUUID()}`, randomUUID(), randomUUID()];
  const secretHash = createHash('sha256').update(password).digest('base64url');
  const state = { kind: 'password', tenant, username, secretHash } as const;
  await neighbours.change(broker, { entity: 'credential', id: credential, state });
  return { ...account, username, password, credential };
}

/** A subdomain of the tenant's domain that is not verified; returns its name. */
export async function claimSubdomain(
  { neighbours, broker }: World,
  { tenant, domain }: Account,
): Promise<string> {
  const name = `claimed.${domain}`;
  const nameIndex = domainIndex(neighbours.keyOf(tenant, 'index'), name);
  const state = {
    tenant,
    name: 'sealed',
    nameIndex,
    signing: 'ours',
    status: 'unverified',
  } as const;
  await neighbours.change(broker, { entity: 'domain', id: randomUUID(), state });
  return name;
}

/** A network from which the tenant may send; returns its credential's id. */
export async function openNetwork(
  { neighbours, broker }: World,
  { tenant }: Account,
  cidr: string,
): Promise<string> {
  const id = randomUUID();
  const context = { tenant, keyId: 'account', record: `credentials:${id}:cidr` };
  const sealed = seal(neighbours.keyOf(tenant, 'account'), context, Buffer.from(cidr));
  const state = { kind: 'network', tenant, cidr: sealed.toString('base64') } as const;
  await neighbours.change(broker, { entity: 'credential', id, state });
  return id;
}

export const revokeAccount = (
  { neighbours, broker }: World,
  { credential }: Account,
): Promise<void> =>
  neighbours.change(broker, { entity: 'credential', id: credential, state: null });
