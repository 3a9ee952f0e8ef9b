import { eventually, proxyTo, startPeer, type PeerScript } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Secret } from '@mysmtp/service';
import type { DeliveryConfig } from '../src/config.ts';
import { startService } from './service.ts';
import { domain, other, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

let cleanup: AsyncDisposableStack;
beforeEach(() => {
  cleanup = new AsyncDisposableStack();
});
afterEach(async () => {
  await cleanup.disposeAsync();
  world.neighbours.away.clear();
  await world.connection.collection('deferred').deleteMany({});
});

async function startWith(script: PeerScript = {}, config: Partial<DeliveryConfig> = {}) {
  const peer = await startPeer(script);
  cleanup.defer(peer.close);
  const smarthost = { host: '127.0.0.1', port: peer.port };
  const service = await startService(world, { smarthost, ...config });
  cleanup.defer(service.close);
  return { peer, service };
}

const delivered = (id: string) =>
  eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('delivered'), {
    timeout: 25_000,
  });

test('mail of a tenant with cached keys is delivered while privacy and identity are unreachable', async () => {
  const { service } = await startWith();
  await delivered(await world.send({ signAs: domain.id }));
  world.neighbours.away.add('privacy').add('identity');
  service.clock.ahead += 90_000;
  await delivered(await world.send());
  await delivered(await world.send({ signAs: domain.id }));
});

test('mail of a tenant without cached keys waits in memory, and is delivered when privacy is back', async () => {
  const { peer } = await startWith();
  world.neighbours.away.add('privacy');
  const id = await world.send({ tenant: other });
  await eventually(async () => expect(await world.broker.messagesReady('delivery.mail')).toBe(0));
  expect(peer.attempted).toEqual([]);
  expect(await world.deferred()).toEqual([]);
  world.neighbours.away.delete('privacy');
  await delivered(id);
  expect(await world.deferred()).toEqual([]);
});

test('if privacy stays unreachable the mail is deferred unchanged and without an attempt', async () => {
  const { service } = await startWith();
  world.neighbours.away.add('privacy');
  const id = await world.send({ tenant: other });
  await eventually(async () => expect((await world.open()).map(({ _id }) => _id)).toEqual([id]), {
    timeout: 20_000,
  });
  const [document] = await world.open();
  expect(document).toMatchObject({ state: 'ready', unfinishedHandlings: 0 });
  expect(document?.recipients).toBeUndefined();
  world.neighbours.away.delete('privacy');
  service.clock.ahead += 120_000;
  await delivered(id);
}, 60_000);

test('a stop gives mail that waits for its key back to the broker', async () => {
  const { service } = await startWith();
  world.neighbours.away.add('privacy');
  const id = await world.send({ tenant: other });
  await eventually(async () => expect(await world.broker.messagesReady('delivery.mail')).toBe(0));
  await service.close();
  // The broker takes it back a moment after the connection has ended.
  await eventually(async () => expect(await world.broker.messagesReady('delivery.mail')).toBe(1));
  expect(await world.deferred()).toEqual([]);
  world.neighbours.away.clear();
  await startWith();
  await delivered(id);
});

test('while identity has never answered, the API cannot authenticate callers: 503 and not 401', async () => {
  world.neighbours.away.add('identity');
  const { service } = await startWith();
  await world.connection.collection('identityProjection').deleteMany({});
  await service.close();
  const { service: next } = await startWith();
  expect((await next.call('operator', '/v1/held')).status).toBe(503);
});

test('while the database is unreachable mail for one site is delivered; deferred mail is written when it is back', async () => {
  const proxy = await proxyTo(world.database.url);
  cleanup.defer(proxy.close);
  const { peer, service } = await startWith(
    {
      onRcpt: (to) =>
        to === 'later@a.test' ? { code: 450, text: '4.7.1 Greylisted' } : ('accept' as const),
    },
    { mongodbUrl: new Secret(proxy.url) },
  );
  await delivered(await world.send());
  // Else it would read the suppressions of each recipient.
  await eventually(() => expect(service.logged('suppressions.read')).toHaveLength(1));
  proxy.cut();
  await delivered(await world.send());
  const later = await world.send({ to: ['later@a.test'] });
  await eventually(
    () => expect(service.logged('deferred.write_failed').length).toBeGreaterThan(0),
    {
      timeout: 25_000,
    },
  );
  await eventually(async () => expect(await world.open()).toEqual([]));
  proxy.mend();
  await eventually(
    async () => expect((await world.open()).map(({ _id }) => _id)).toEqual([later]),
    {
      timeout: 25_000,
    },
  );
  expect(peer.received).toHaveLength(2);
  expect(await world.broker.messagesReady('delivery.mail')).toBe(0);
}, 90_000);

test('no mail is lost while connections to the broker break', async () => {
  const { peer } = await startWith();
  const ids: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    for (let n = 0; n < 20; n += 1) {
      ids.push(
        await eventually(() => world.send({ to: [`${String(round)}-${String(n)}@a.test`] })),
      );
    }
    await world.broker.cutConnections();
  }
  await eventually(() => expect(ids.filter((id) => world.eventsOf(id).length === 0)).toEqual([]), {
    timeout: 30_000,
  });
  expect(new Set(peer.received.flatMap(({ to }) => to)).size).toBe(60);
}, 90_000);
