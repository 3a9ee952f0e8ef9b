import { createHash, randomUUID } from 'node:crypto';
import type { Publisher } from '@mysmtp/broker';
import { domainIndex, seal } from '@mysmtp/seal';
import type { Neighbours } from './neighbours.ts';

export interface Account {
  readonly tenant: string;
  readonly domain: string;
  readonly domainId: string;
  readonly username: string;
  readonly password: string;
  readonly credential: string;
}

interface Means {
  readonly neighbours: Neighbours;
  readonly publisher: Publisher;
}

/** Everything that a tenant needs to send, told as identity tells it. */
export async function openAccount(
  { neighbours, publisher }: Means,
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
  const tell = (change: Parameters<Neighbours['change']>[1]) =>
    neighbours.change(publisher, change);
  await tell({ entity: 'tenant', id: tenant, state: { status: 'active' } });
  await tell({
    entity: 'domain',
    id: account.domainId,
    state: {
      tenant,
      name: 'sealed',
      nameIndex: domainIndex(neighbours.keyOf(tenant, 'index'), account.domain),
      signing,
    },
  });
  const secretHash = createHash('sha256').update(account.password).digest('base64url');
  await tell({
    entity: 'credential',
    id: account.credential,
    state: { kind: 'password', tenant, username: account.username, secretHash },
  });
  return account;
}

/** A network from which the tenant may send; returns its credential's id. */
export async function openNetwork(
  { neighbours, publisher }: Means,
  { tenant }: Account,
  cidr: string,
): Promise<string> {
  const id = randomUUID();
  const context = { tenant, keyId: 'account', record: `credentials:${id}:cidr` };
  const sealed = seal(neighbours.keyOf(tenant, 'account'), context, Buffer.from(cidr));
  const state = { kind: 'network', tenant, cidr: sealed.toString('base64') } as const;
  await neighbours.change(publisher, { entity: 'credential', id, state });
  return id;
}

export const revokeAccount = (
  { neighbours, publisher }: Means,
  { credential }: Account,
): Promise<void> =>
  neighbours.change(publisher, { entity: 'credential', id: credential, state: null });
