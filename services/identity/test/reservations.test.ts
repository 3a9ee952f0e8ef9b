import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  reservationLifetime,
  dropExpiredReservations,
} from '../src/jobs/drop-expired-reservations.ts';
import { readDatabase } from './support/documents.ts';
import { openRooms, tester } from './support/identity.ts';
import { openWorld, type World } from './support/world.ts';

/** Two processes of identity, which share only the database. */
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
    result.status === 'fulfilled' ? 'reserved' : (result.reason as Error).name,
  );

test('of many concurrent registrations of one domain exactly one succeeds', async () => {
  for (const round of [1, 2, 3]) {
    const domain = `race-${String(round)}.example`;
    const results = await outcomes(
      [one, other, one, other].map(({ stores }) =>
        stores.tenants.register(tester, { name: 'Race', domain }),
      ),
    );
    expect(results.filter((result) => result === 'reserved')).toHaveLength(1);
    expect(results.filter((result) => result === 'TakenError')).toHaveLength(3);
  }
});

test('networks of different tenants never overlap, not even concurrent ones', async () => {
  const a = await one.stores.tenants.register(tester, { name: 'A', domain: 'a.example' });
  const b = await other.stores.tenants.register(tester, { name: 'B', domain: 'b.example' });
  for (const round of [1, 2, 3]) {
    const octet = String(round);
    const results = await outcomes([
      one.stores.credentials.createNetwork(tester, a.tenant.id, `10.${octet}.0.0/16`),
      other.stores.credentials.createNetwork(tester, b.tenant.id, `10.${octet}.7.0/24`),
    ]);
    expect(results.sort()).toEqual(['TakenError', 'reserved']);
  }
  await one.stores.credentials.createNetwork(tester, a.tenant.id, '2001:db8:a::/48');
  await expect(
    other.stores.credentials.createNetwork(tester, b.tenant.id, '2001:db8::/32'),
  ).rejects.toMatchObject({ name: 'TakenError' });
  // Within one tenant they may overlap, and a revoked network is free.
  const { id } = await other.stores.credentials.createNetwork(
    tester,
    a.tenant.id,
    '2001:db8:a:1::/64',
  );
  await one.stores.credentials.revoke(tester, id);
  await other.stores.credentials.createNetwork(tester, b.tenant.id, '2001:db8:b::/48');
});

test('a refused registration leaves nothing active', async () => {
  const { tenant } = await one.stores.tenants.register(tester, {
    name: 'First',
    domain: 'first.example',
    network: '192.0.2.0/24',
  });
  await expect(
    other.stores.tenants.register(tester, {
      name: 'Second',
      domain: 'second.example',
      network: '192.0.2.128/25',
    }),
  ).rejects.toMatchObject({ name: 'TakenError' });
  expect(await one.stores.credentials.list(tenant.id)).toHaveLength(2);
  await other.stores.tenants.register(tester, { name: 'Second', domain: 'second.example' });
});

test('the reservation of a crashed process is invisible and is dropped in time', async () => {
  const { tenant } = await one.stores.tenants.register(tester, {
    name: 'Dead',
    domain: 'dead.example',
  });
  const lost = await one.stores.domains.reserveName(tenant.id, 'lost.example');
  expect(await one.stores.domains.list(tenant.id)).toHaveLength(1);
  const reservations = await readDatabase(world.mongodbUrl, (db) =>
    db
      .collection('domains')
      .find({ reservedAt: { $exists: true } })
      .toArray(),
  );
  expect(reservations).toHaveLength(1);
  await expect(other.stores.domains.add(tester, tenant.id, 'lost.example')).rejects.toThrow();

  expect(await dropExpiredReservations(one.stores.entities, Date.now())).toBe(0);
  expect(
    await dropExpiredReservations(one.stores.entities, Date.now() + reservationLifetime + 1_000),
  ).toBe(1);
  await other.stores.domains.add(tester, tenant.id, 'lost.example');
  await expect(lost.reservation.confirm()).rejects.toMatchObject({ name: 'ReservationLostError' });
});

test('no two documents ever contain the same value for a domain, also across tenants', async () => {
  // The name is sealed under each tenant's own key, so the store does not reveal which tenants share one.
  const documents = await readDatabase(world.mongodbUrl, (db) =>
    db
      .collection('domains')
      .find({ version: { $gt: 0 }, deleted: { $exists: false } })
      .toArray(),
  );
  const values = documents.flatMap(({ name, nameIndex }) => [String(name), String(nameIndex)]);
  expect(new Set(values).size).toBe(values.length);
});
