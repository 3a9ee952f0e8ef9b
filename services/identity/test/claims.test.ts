import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimLifetime, dropLostClaims } from '../src/claims/drop-lost.ts';
import { readDatabase } from './support/documents.ts';
import { openRooms, tester } from './support/identity.ts';
import { openWorld, type World } from './support/world.ts';

/** Two processes of identity, which know nothing of each other but the database. */
const opened = new AsyncDisposableStack();
let world: World;
let one: Awaited<ReturnType<typeof openRooms>>;
let other: Awaited<ReturnType<typeof openRooms>>;

beforeAll(async () => {
  world = opened.use(await openWorld());
  one = opened.use(await openRooms(world));
  other = opened.use(await openRooms(world));
});

afterAll(() => opened.disposeAsync());

const outcomes = async (tries: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(tries)).map((result) =>
    result.status === 'fulfilled' ? 'claimed' : (result.reason as Error).name,
  );

test('of many registrations of one domain at the same time exactly one succeeds', async () => {
  for (const round of [1, 2, 3]) {
    const domain = `race-${String(round)}.example`;
    const results = await outcomes(
      [one, other, one, other].map(({ nouns }) =>
        nouns.tenants.register(tester, { name: 'Race', domain }),
      ),
    );
    expect(results.filter((result) => result === 'claimed')).toHaveLength(1);
    expect(results.filter((result) => result === 'TakenError')).toHaveLength(3);
  }
});

test('networks of different tenants never overlap, not even those made at the same time', async () => {
  const a = await one.nouns.tenants.register(tester, { name: 'A', domain: 'a.example' });
  const b = await other.nouns.tenants.register(tester, { name: 'B', domain: 'b.example' });
  for (const round of [1, 2, 3]) {
    const octet = String(round);
    const results = await outcomes([
      one.nouns.credentials.createNetwork(tester, a.tenant.id, `10.${octet}.0.0/16`),
      other.nouns.credentials.createNetwork(tester, b.tenant.id, `10.${octet}.7.0/24`),
    ]);
    expect(results.sort()).toEqual(['TakenError', 'claimed']);
  }
  await one.nouns.credentials.createNetwork(tester, a.tenant.id, '2001:db8:a::/48');
  await expect(
    other.nouns.credentials.createNetwork(tester, b.tenant.id, '2001:db8::/32'),
  ).rejects.toMatchObject({ name: 'TakenError' });
  // Within one tenant they may, and what was revoked is free.
  const { id } = await other.nouns.credentials.createNetwork(
    tester,
    a.tenant.id,
    '2001:db8:a:1::/64',
  );
  await one.nouns.credentials.revoke(tester, id);
  await other.nouns.credentials.createNetwork(tester, b.tenant.id, '2001:db8:b::/48');
});

test('a registration that is refused leaves nothing in force', async () => {
  const { tenant } = await one.nouns.tenants.register(tester, {
    name: 'First',
    domain: 'first.example',
    network: '192.0.2.0/24',
  });
  await expect(
    other.nouns.tenants.register(tester, {
      name: 'Second',
      domain: 'second.example',
      network: '192.0.2.128/25',
    }),
  ).rejects.toMatchObject({ name: 'TakenError' });
  expect(await one.nouns.credentials.list(tenant.id)).toHaveLength(2);
  await other.nouns.tenants.register(tester, { name: 'Second', domain: 'second.example' });
});

test('the claim of a process that died is visible to nobody and is dropped in time', async () => {
  const { tenant } = await one.nouns.tenants.register(tester, {
    name: 'Dead',
    domain: 'dead.example',
  });
  const lost = await one.nouns.domains.claim(tenant.id, 'lost.example');
  expect(await one.nouns.domains.list(tenant.id)).toHaveLength(1);
  const claims = await readDatabase(world.mongodbUrl, (db) =>
    db
      .collection('domains')
      .find({ claimedAt: { $exists: true } })
      .toArray(),
  );
  expect(claims).toHaveLength(1);
  await expect(other.nouns.domains.add(tester, tenant.id, 'lost.example')).rejects.toThrow();

  expect(await dropLostClaims(one.nouns.entities, Date.now())).toBe(0);
  expect(await dropLostClaims(one.nouns.entities, Date.now() + claimLifetime + 1_000)).toBe(1);
  await other.nouns.domains.add(tester, tenant.id, 'lost.example');
  await expect(lost.claim.confirm()).rejects.toMatchObject({ name: 'ClaimLostError' });
});

test('no two documents ever hold the same value for a domain, whoever has it', async () => {
  // The name is sealed under each tenant's own key: nothing in the store tells who shares one.
  const documents = await readDatabase(world.mongodbUrl, (db) =>
    db
      .collection('domains')
      .find({ version: { $gt: 0 }, gone: { $exists: false } })
      .toArray(),
  );
  const values = documents.flatMap(({ name, nameIndex }) => [String(name), String(nameIndex)]);
  expect(new Set(values).size).toBe(values.length);
});
