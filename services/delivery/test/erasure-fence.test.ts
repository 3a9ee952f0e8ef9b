import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { newMessageId, type MessageEvent } from '@mysmtp/contracts';
import { createTenantGuard } from '@mysmtp/erasure';
import { createLogger } from '@mysmtp/log';
import { createTenants } from '@mysmtp/tenancy';
import { eventually } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEventPublisher } from '../src/events/event-publisher.ts';
import { noWire, openScene, wireOf, type Scene } from './erasure-scene.ts';
import { other, tenant, type World } from './world.ts';

let scene: Scene;
let world: World;
beforeEach(async () => {
  scene = await openScene();
  ({ world } = scene);
});
afterEach(() => scene.cleanup.disposeAsync());

test('queued mail of a fenced tenant is dropped and counted, the mail of others is delivered', async () => {
  const erasures = await scene.follow();
  await world.send();
  const kept = await world.send({ tenant: other });
  // Two of these come with one of another tenant in one broker message.
  const [, amongThem = ''] = await world.sendBatch([{}, { tenant: other }, {}]);
  // The process gets the fence at its start.
  const fence = scene.standingFence();
  const { peer, service } = await scene.startWith();
  expect(await wireOf(erasures, fence)).toEqual(noWire);
  await scene.delivered(kept);
  await scene.delivered(amongThem);
  await world.send();
  await erasures.mark('delivery.mail', fence);
  expect(await erasures.erased(fence, 1)).toEqual([['queue.delivery.mail', 4]]);
  expect(peer.attempted).toHaveLength(2);
  // If it was delivered long before the others of its batch were counted, it has a tombstone.
  expect((await world.deferred()).filter(({ _id }) => _id !== amongThem)).toEqual([]);
  expect(await world.open()).toEqual([]);
  scene.expectSilence(service);
});

test("DSNs about another tenant's mail are sent", async () => {
  const erasures = await scene.follow();
  const { peer } = await scene.startWith({
    onRcpt: (to) => (to === 'nobody@b.test' ? { code: 550, text: '5.1.1 No' } : 'accept'),
  });
  await erasures.raise(tenant);
  await world.send({ to: ['nobody@b.test'] });
  const id = await world.send({ to: ['nobody@b.test'], tenant: other });
  await eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('bounced'));
  await eventually(() => expect(peer.received).toHaveLength(1));
  expect(peer.received).toMatchObject([{ from: '', to: ['hello@demo.example.org'] }]);
  expect(world.events.filter((event) => event.tenant === tenant)).toEqual([]);
});

test('a process that may have missed a fence delivers nothing until privacy has answered', async () => {
  const { peer, service } = await scene.startWith();
  // The keys of both tenants are cached here.
  await scene.delivered(await world.send());
  await scene.delivered(await world.send({ tenant: other }));
  world.neighbours.away.add('privacy');
  await world.broker.cutConnections();
  await eventually(async () => expect(await service.metric('mysmtp_tenant_guard_current')).toBe(0));
  const erasures = await scene.follow();
  const fence = scene.standingFence();
  await eventually(() => world.send());
  const kept = await eventually(() => world.send({ tenant: other }));
  await eventually(async () =>
    expect(await service.metric('mysmtp_delivery_window_messages')).toBe(2),
  );
  await sleep(1_000);
  expect(peer.attempted).toHaveLength(2);
  expect(await world.deferred()).toEqual([]);
  world.neighbours.away.delete('privacy');
  await scene.delivered(kept);
  expect(await wireOf(erasures, fence)).toEqual(noWire);
  expect(peer.attempted).toHaveLength(3);
  scene.expectSilence(service, 1);
}, 60_000);

test('an event that waits in a batch when the fence is applied is not sent', async () => {
  const guard = createTenantGuard(() => true);
  const tenants = createTenants(guard, (whose) => ({ tenant: whose }));
  const log = createLogger('delivery', 'error', { write: () => undefined });
  const reported: string[] = [];
  const eventPublisher = createEventPublisher(
    world.publisher,
    tenants,
    { add: (events) => void reported.push(...events.map((one) => one.tenant)) },
    log,
  );
  const event = (whose: string): MessageEvent => ({
    id: newMessageId(Date.now()),
    n: 0,
    tenant: whose,
    rev: 1,
    status: 'deferred',
    acceptedAt: Date.now(),
    nextAttemptAt: null,
    senderIndex: '',
    recipientIndex: '',
    details: '',
    attempts: [],
  });
  void eventPublisher.changed(event(tenant));
  void eventPublisher.changed(event(other));
  const published = [
    eventPublisher.finished(event(tenant)),
    eventPublisher.released(tenant, 'spooled'),
  ];
  const closed = guard.apply({ erasure: randomUUID(), subject: { kind: 'tenant', tenant } });
  await eventPublisher.close();
  await Promise.all([closed, ...published]);
  await eventually(() => expect(world.events).toHaveLength(1));
  expect(world.events).toMatchObject([{ tenant: other }]);
  expect(reported).toEqual([other]);
  expect(world.released).toEqual([]);
});
