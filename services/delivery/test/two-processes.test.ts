import { queues } from '@mysmtp/contracts';
import { Secret } from '@mysmtp/service';
import { eventually, proxyTo, startPeer } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeliveryConfig } from '../src/config.ts';
import { startHoldingServer } from './holding-server.ts';
import { plainMessage } from './mail.ts';
import { startService } from './service.ts';
import { startWorld, type World } from './world.ts';

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
  await world.connection.collection('deferred').deleteMany({});
});

async function startAt(port: number, config: Partial<DeliveryConfig> = {}) {
  const smarthost = { host: '127.0.0.1', port };
  const service = await startService(world, { smarthost, ...config });
  cleanup.defer(service.close);
  return service;
}

async function startHolding() {
  const server = await startHoldingServer();
  cleanup.defer(server.close);
  return server;
}

async function startReceiver() {
  const peer = await startPeer();
  cleanup.defer(peer.close);
  return peer;
}

const statuses = (id: string): string[] => world.eventsOf(id).map(({ status }) => status);
const delivered = (ids: readonly string[]) =>
  eventually(
    () => expect(ids.map((id) => statuses(id).at(-1))).toEqual(ids.map(() => 'delivered')),
    {
      timeout: 60_000,
    },
  );

test('a process that loses its connection to the broker completes only mail on the wire; the other process gets the rest', async () => {
  const proxy = await proxyTo(world.broker.url);
  cleanup.defer(proxy.close);
  const server = await startHolding();
  const first = await startAt(server.port, {
    rabbitmqUrl: new Secret(proxy.url),
    siteConnections: 1,
    // It may lease from the deferred queue what the broker delivered to the other process.
    sitePatience: 1_000,
    finalReplyTimeout: 60_000,
    transactionTimeout: 60_000,
  });
  const onTheWire = await world.send();
  await eventually(() => expect(server.waiting()).toBe(1));
  const inLine = await Promise.all(Array.from({ length: 20 }, () => world.send()));
  await eventually(async () =>
    expect(await first.metric('mysmtp_delivery_window_messages')).toBe(21),
  );

  proxy.cut();
  const peer = await startReceiver();
  await startAt(peer.port);
  await delivered(inLine);
  // The broker has redelivered it, and the receiver may have it already.
  expect(peer.received.length).toBeLessThanOrEqual(21);
  expect(new Set(peer.received.map(({ raw }) => raw.toString())).size).toBeLessThanOrEqual(21);
  proxy.mend();
  server.answer('250 2.0.0 taken');
  await delivered([onTheWire]);
  await eventually(async () =>
    expect(await first.metric('mysmtp_delivery_window_messages')).toBe(0),
  );
  expect(server.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
}, 90_000);

test('spooled mail that another process has already delivered is dropped, not held as lost', async () => {
  const peer = await startReceiver();
  const id = await world.send({ message: Buffer.from(plainMessage), spooled: true });
  await world.redeliver(1);
  // The process that had it before has delivered it, and ingress has removed its content.
  world.neighbours.spool.clear();
  const service = await startAt(peer.port);
  await eventually(async () =>
    expect(await world.deferred()).toMatchObject([{ _id: id, state: 'finished' }]),
  );
  expect(statuses(id)).toEqual([]);
  expect(peer.attempted).toEqual([]);
  expect(service.logged('mail.held')).toEqual([]);
});

test('spooled mail without its content that no other process had before is held for an operator', async () => {
  const peer = await startReceiver();
  const id = await world.send({ spooled: true });
  world.neighbours.spool.clear();
  const service = await startAt(peer.port);
  await eventually(() => expect(service.logged('mail.held')).toHaveLength(1));
  expect(await world.open()).toMatchObject([{ _id: id, state: 'held' }]);
});

test('mail that is answered while the database is unreachable for its storage is delivered once, and no document stays', async () => {
  const proxy = await proxyTo(world.database.url);
  cleanup.defer(proxy.close);
  const server = await startHolding();
  const service = await startAt(server.port, {
    mongodbUrl: new Secret(proxy.url),
    inFlightTime: 1_000,
    finalReplyTimeout: 60_000,
  });
  const id = await world.send();
  await eventually(() => expect(server.waiting()).toBe(1));
  proxy.cut();
  await eventually(
    () => expect(service.logged('deferred.write_failed').length).toBeGreaterThan(0),
    {
      timeout: 25_000,
    },
  );
  server.answer('250 2.0.0 taken');
  await delivered([id]);
  proxy.mend();
  await eventually(async () => expect(await world.deferred()).toHaveLength(1), { timeout: 25_000 });
  await eventually(async () => expect(await world.open()).toEqual([]));
  await eventually(async () =>
    expect(await service.metric('mysmtp_delivery_leased_messages')).toBe(0),
  );
  expect(server.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
}, 90_000);

test('mail that is on the wire for long is in the deferred queue before the broker redelivers it', async () => {
  const server = await startHolding();
  const service = await startAt(server.port, { inFlightTime: 1_000, finalReplyTimeout: 60_000 });
  const id = await world.send();
  await eventually(() => expect(server.waiting()).toBe(1));
  await eventually(async () =>
    expect(await service.metric('mysmtp_delivery_window_messages')).toBe(0),
  );
  expect(await world.open()).toMatchObject([{ _id: id, state: 'leased' }]);
  expect(await world.broker.messagesReady(queues.deliveryMail.name)).toBe(0);
  server.answer('250 2.0.0 taken');
  await delivered([id]);
  await eventually(async () => expect(await world.open()).toEqual([]));
  expect(server.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
  expect(statuses(id)).toEqual(['delivered']);
});
