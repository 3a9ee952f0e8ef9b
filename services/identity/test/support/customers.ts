import type { mongo } from 'mongoose';
import { expect } from 'vitest';
import { readDatabase } from './documents.ts';
import type { Identity } from './identity.ts';
import type { World } from './world.ts';

const collections = ['tenants', 'domains', 'credentials', 'tokens'] as const;
export type CollectionName = (typeof collections)[number];

export interface Customer {
  readonly id: string;
  readonly domain: string;
  readonly token: string;
  /** Ids by collection. */
  readonly ids: Readonly<Record<CollectionName, string[]>>;
}

let registered = 0;
const vouch = { reason: 'A customer of the tests', withoutDns: true };

/** A tenant with two of each kind of entity. */
export async function register(
  world: World,
  identity: Identity,
  operator: string,
): Promise<Customer> {
  const serial = String((registered += 1));
  const domain = `customer-${serial}.example`;
  const made = await identity.call('POST', '/v1/tenants', operator, {
    name: 'Customer',
    domain,
    owner: 'jane.doe@example.org',
    vouch,
  });
  expect(made.status).toBe(201);
  const { tenant, ownerToken: token } = made.body as {
    tenant: { id: string };
    ownerToken: string;
  };
  const network = `10.${serial}.0.0/16`;
  for (const [path, creator, body] of [
    ['/v1/domains', operator, { tenant: tenant.id, name: `more.${domain}`, vouch }],
    ['/v1/credentials', operator, { tenant: tenant.id, network, label: 'office' }],
    ['/v1/tokens', token, {}],
  ] as const) {
    expect((await identity.call('POST', path, creator, body)).status).toBe(201);
  }
  return { id: tenant.id, domain, token, ids: await idsOf(world, tenant.id) };
}

/** All documents of a tenant that can be found by its id. */
export function documentsOf(
  world: World,
  tenant: string,
): Promise<Record<CollectionName, mongo.Document[]>> {
  return readDatabase(world.mongodbUrl, async (db) => {
    const found: Partial<Record<CollectionName, mongo.Document[]>> = {};
    for (const name of collections) {
      const owned = (
        name === 'tenants' ? { _id: tenant } : { tenant }
      ) as mongo.Filter<mongo.Document>;
      found[name] = await db
        .collection(name)
        // Services report uses whenever they like.
        .find(owned, { projection: { lastUsedAt: 0 } })
        .sort({ _id: 1 })
        .toArray();
    }
    return found as Record<CollectionName, mongo.Document[]>;
  });
}

export async function idsOf(world: World, tenant: string): Promise<Customer['ids']> {
  const found = Object.entries(await documentsOf(world, tenant));
  return Object.fromEntries(
    found.map(([collection, all]) => [collection, all.map(({ _id }) => String(_id))]),
  ) as Customer['ids'];
}
