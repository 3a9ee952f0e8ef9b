import { setTimeout as sleep } from 'node:timers/promises';
import { Secret } from '@mysmtp/service';
import { eventually, proxyTo } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeliveryConfig } from '../src/config.ts';
import { noWire, openScene, wireOf, type Scene } from './erasure-scene.ts';
import { startHoldingServer, type HoldingServer } from './holding-server.ts';
import { domain, other, tenant, type World } from './world.ts';

let scene: Scene;
let world: World;
beforeEach(async () => {
  scene = await openScene();
  ({ world } = scene);
});
afterEach(() => scene.cleanup.disposeAsync());

async function startHolding(
  { mute, wireGrace = 10_000 }: { mute?: string; wireGrace?: number } = {},
  config: Partial<DeliveryConfig> = {},
) {
  const server = await startHoldingServer(mute);
  scene.cleanup.defer(server.close);
  // No SMTP timeout is shorter than the fence's.
  const patient = { commandTimeout: 60_000, finalReplyTimeout: 60_000, transactionTimeout: 60_000 };
  const service = await scene.startAt(server.port, { ...patient, ...config }, { wireGrace });
  return { server, service };
}

const mails = ({ commands }: HoldingServer) =>
  commands.filter((line) => line.startsWith('MAIL')).length;

/** One connection, and a process whose fence list the test can make stale. */
async function startBlindable(config: Partial<DeliveryConfig> = {}) {
  const way = await proxyTo(world.broker.url);
  scene.cleanup.defer(way.close);
  const rabbitmqUrl = new Secret(way.url);
  const started = await startHolding({}, { siteConnections: 1, rabbitmqUrl, ...config });
  return {
    ...started,
    async goBlind() {
      world.neighbours.away.add('privacy');
      way.cut();
      way.mend();
      await eventually(async () =>
        expect(await started.service.metric('mysmtp_tenant_guard_current')).toBe(0),
      );
    },
    seeAgain: () => void world.neighbours.away.delete('privacy'),
  };
}

test("mail that waits in a site's queue is not sent by a process that may have missed a fence", async () => {
  const { server, service, goBlind, seeAgain } = await startBlindable();
  const first = await world.send({ tenant: other });
  await eventually(() => expect(server.waiting()).toBe(1));
  const second = await world.send();
  await eventually(async () =>
    expect(await service.metric('mysmtp_delivery_window_messages')).toBe(2),
  );
  await goBlind();
  server.answer('250 2.0.0 taken');
  await sleep(1_000);
  expect(mails(server)).toBe(1);
  // The broker has redelivered it. It may have been deferred before the fence list became stale.
  expect((await world.deferred()).filter(({ _id }) => _id !== second)).toEqual([]);

  seeAgain();
  await scene.delivered(first);
  await eventually(() => expect(server.waiting()).toBe(1));
  server.answer('250 2.0.0 taken');
  await scene.delivered(second);
  // Neither lost nor sent twice, and no try is counted.
  expect(mails(server)).toBe(2);
  for (const id of [first, second]) {
    const events = world.eventsOf(id);
    expect(events.map(({ status }) => status)).toEqual(['delivered']);
    expect(events.map((event) => world.attemptsOf(event).length)).toEqual([1]);
  }
  await eventually(async () => expect(await world.open()).toEqual([]));
  expect(service.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('nor is mail of the deferred queue, which stays unchanged and is due as soon as the fence list is current', async () => {
  const { server, service, goBlind, seeAgain } = await startBlindable({ retryFirst: 100 });
  const late = await world.send();
  await eventually(() => expect(server.waiting()).toBe(1));
  const between = await world.send({ tenant: other });
  await eventually(async () =>
    expect(await service.metric('mysmtp_delivery_window_messages')).toBe(2),
  );
  server.answer('451 4.7.1 Later');
  // It is due again, and waits behind the other message.
  await eventually(async () => expect(await world.deferred()).toMatchObject([{ state: 'leased' }]));
  await eventually(() => expect(server.waiting()).toBe(1));
  await goBlind();
  server.answer('250 2.0.0 taken');
  await eventually(async () =>
    expect(await world.deferred()).toMatchObject([
      { state: 'ready', unfinishedHandlings: 0, recipients: [{ tries: 1 }] },
    ]),
  );
  await sleep(1_000);
  expect(mails(server)).toBe(2);

  seeAgain();
  await scene.delivered(between);
  await eventually(() => expect(server.waiting()).toBe(1));
  server.answer('250 2.0.0 taken');
  await scene.delivered(late);
  expect(mails(server)).toBe(3);
  const [last] = world.eventsOf(late).slice(-1);
  expect(last && world.attemptsOf(last)).toHaveLength(2);
  await eventually(async () => expect(await world.open()).toEqual([]));
  expect(service.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test("waiting mail of a fenced tenant is cancelled at once, and other tenants' mail stays in the site's queue", async () => {
  const erasures = await scene.follow();
  const { server, service } = await startHolding({}, { siteConnections: 1 });
  const first = await world.send({ tenant: other });
  await eventually(() => expect(server.waiting()).toBe(1));
  for (let n = 0; n < 3; n += 1) await world.send({ from: 'fenced@demo.example.org' });
  const last = await world.send({ tenant: other });
  await eventually(async () =>
    expect(await service.metric('mysmtp_delivery_window_messages')).toBe(5),
  );
  const fence = await erasures.raise(tenant);
  expect(await wireOf(erasures, fence)).toEqual(noWire);
  expect(server.waiting()).toBe(1);
  expect(await service.metric('mysmtp_delivery_window_messages')).toBe(2);
  for (const id of [first, last]) {
    await eventually(() => expect(server.waiting()).toBe(1));
    server.answer('250 2.0.0 taken');
    await scene.delivered(id);
  }
  await erasures.mark('delivery.mail', fence);
  expect(await erasures.erased(fence, 1)).toEqual([['queue.delivery.mail', 3]]);
  expect(server.commands.filter((line) => line.includes('fenced@'))).toEqual([]);
  expect(await world.deferred()).toEqual([]);
  scene.expectSilence(service);
});

test.each([
  ['accepts', '250 2.0.0 taken'],
  ['defers', '451 4.7.1 Later'],
  ['refuses', '550 5.7.1 No'],
])(
  'a transaction that the server %s within the grace counts as finished and has no other effect',
  async (_name, reply) => {
    const erasures = await scene.follow();
    const { server, service } = await startHolding();
    await world.send({ to: ['one@a.test', 'two@a.test'] });
    await eventually(() => expect(server.waiting()).toBe(1));
    const fence = await erasures.raise(tenant, 0);
    await eventually(() => expect(service.logged('fence.applied')).toHaveLength(1));
    await sleep(500);
    expect(erasures.answers('fenced', fence)).toEqual([]);
    server.answer(reply);
    expect(await wireOf(erasures, fence)).toEqual({ finished: 2, unknown: 0 });
    await erasures.mark('delivery.mail', fence);
    expect(await erasures.erased(fence, 1)).toEqual([['queue.delivery.mail', 1]]);
    await sleep(500);
    expect(await world.deferred()).toEqual([]);
    expect(server.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
    scene.expectSilence(service);
  },
);

test('a transaction that hangs after the final dot is broken after the grace, and its outcome is unknown', async () => {
  const erasures = await scene.follow();
  const { server, service } = await startHolding({ wireGrace: 1_000 });
  await world.send({ to: ['one@a.test', 'two@a.test', 'three@a.test'] });
  await eventually(() => expect(server.waiting()).toBe(1));
  const before = Date.now();
  const fence = await erasures.raise(tenant);
  expect(await wireOf(erasures, fence)).toEqual({ finished: 0, unknown: 3 });
  expect(Date.now() - before).toBeGreaterThanOrEqual(1_000);
  expect(server.waiting()).toBe(0);
  expect(await world.deferred()).toEqual([]);
  scene.expectSilence(service);
});

test('a transaction that is broken before the final dot delivered nothing and is not counted', async () => {
  const erasures = await scene.follow();
  const { server, service } = await startHolding({ mute: 'RCPT', wireGrace: 300 });
  await world.send();
  await eventually(() =>
    expect(server.commands.filter((line) => line.startsWith('RCPT'))).toHaveLength(1),
  );
  const fence = await erasures.raise(tenant);
  expect(await wireOf(erasures, fence)).toEqual(noWire);
  await erasures.mark('delivery.mail', fence);
  expect(await erasures.erased(fence, 1)).toEqual([['queue.delivery.mail', 1]]);
  expect(server.commands).not.toContain('DATA');
  scene.expectSilence(service);
});

test('deferred mail that is on the wire stays unchanged in the deferred queue for the purge', async () => {
  const erasures = await scene.follow();
  await world.send();
  await world.redeliver(1);
  const { server, service } = await startHolding();
  await eventually(() => expect(server.waiting()).toBe(1));
  const fence = await erasures.raise(tenant, 0);
  await eventually(() => expect(service.logged('fence.applied')).toHaveLength(1));
  const before = await world.deferred();
  server.answer('250 2.0.0 taken');
  expect(await wireOf(erasures, fence)).toEqual({ finished: 1, unknown: 0 });
  const [document] = await world.deferred();
  expect(document).toEqual({ ...before[0], leasedAt: expect.any(Date) as Date });
  await erasures.command('purge', fence);
  expect((await erasures.erased(fence, 4))[0]).toEqual(['delivery.deferred', 1]);
  expect(await world.deferred()).toEqual([]);
  scene.expectSilence(service);
});

test('spooled mail that cannot be read any more ends without an event too', async () => {
  const erasures = await scene.follow();
  const { server, service } = await startHolding({ mute: 'DATA', wireGrace: 300 });
  await world.send({ spooled: true, signAs: domain.id });
  await eventually(() => expect(server.commands).toContain('DATA'));
  world.neighbours.spool.clear();
  await world.send({ spooled: true, signAs: domain.id });
  const fence = await erasures.raise(tenant);
  expect(await wireOf(erasures, fence)).toEqual(noWire);
  await erasures.mark('delivery.mail', fence);
  expect(await erasures.erased(fence, 1)).toEqual([['queue.delivery.mail', 2]]);
  expect(world.released).toEqual([]);
  expect(await world.deferred()).toEqual([]);
  scene.expectSilence(service);
});
