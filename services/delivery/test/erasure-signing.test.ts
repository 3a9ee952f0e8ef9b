import { setTimeout as sleep } from 'node:timers/promises';
import { type IdentityChange } from '@mysmtp/contracts';
import { Secret } from '@mysmtp/service';
import { eventually, proxyTo, startPeer } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noWire, openScene, otherDomain, wireOf, type Scene } from './erasure-scene.ts';
import { domain, other, tenant, type World } from './world.ts';

let scene: Scene;
let world: World;
beforeEach(async () => {
  scene = await openScene();
  ({ world } = scene);
});
afterEach(() => scene.cleanup.disposeAsync());

test('no code path creates a DKIM key for a fenced tenant', async () => {
  const erasures = await scene.follow();
  const peer = await startPeer();
  scene.cleanup.defer(peer.close);
  // The minute of its clock ends in five seconds; then the job reviews the keys.
  const ahead = 55_000 - (Date.now() % 60_000);
  const service = await scene.startAt(peer.port, {}, { ahead });
  for (const { id, tenant: owner } of [domain, otherDomain]) {
    expect((await service.call(`owner-of-${owner}`, `/v1/domains/${id}/dkim`)).status).toBe(200);
  }
  const keys = world.connection.collection<{ _id: string }>('dkimKeys');
  await erasures.raise(tenant);
  await keys.deleteMany({});
  const state = { tenant, name: '', nameIndex: '', signing: 'ours' as const };
  const change: IdentityChange = { v: 1, entity: 'domain', id: domain.id, version: 2, state };
  await world.neighbours.serviceKeys.tell(world.broker, change);
  await eventually(async () => expect(await keys.findOne({ _id: otherDomain.id })).not.toBeNull(), {
    timeout: 80_000,
  });
  await sleep(1_000);
  expect(await keys.countDocuments()).toBe(1);
  const after = service.lines.findIndex(({ event }) => event === 'fence.applied');
  const refused = service.lines
    .slice(after)
    .filter(({ event }) => event === 'dkim.key_not_created');
  expect(refused).toEqual([]);
}, 90_000);

test('a message that is being signed when the fence is applied ends without an event', async () => {
  const erasures = await scene.follow();
  const { peer, service: before } = await scene.startWith();
  const record = `/v1/domains/${domain.id}/dkim`;
  expect((await before.call(`owner-of-${tenant}`, record)).status).toBe(200);
  await before.close();
  const database = await proxyTo(world.database.url);
  scene.cleanup.defer(database.close);
  const service = await scene.startAt(peer.port, { mongodbUrl: new Secret(database.url) });
  // Else it would read the suppressions of each recipient, also of mail that needs no key.
  await eventually(() => expect(service.logged('suppressions.read')).toHaveLength(1));
  database.deafen();
  await world.send({ signAs: domain.id });
  // The message waits for its key; mail that needs no key is delivered.
  await scene.delivered(await world.send({ tenant: other }));
  const fence = await erasures.raise(tenant, 0);
  await eventually(() => expect(service.logged('fence.applied')).toHaveLength(1));
  database.mend();
  expect(await wireOf(erasures, fence)).toEqual(noWire);
  await erasures.mark('delivery.mail', fence);
  expect(await erasures.erased(fence, 1)).toEqual([['queue.delivery.mail', 1]]);
  expect(service.logged('dkim.signing_unavailable')).toEqual([]);
  expect(await service.metric('mysmtp_delivery_postponed_total')).toBe(0);
  expect(peer.attempted).toHaveLength(1);
  expect(await world.deferred()).toEqual([]);
  scene.expectSilence(service);
});

test('before the fence arrives here the DNS record is already unavailable', async () => {
  const { service } = await scene.startWith();
  scene.standingFence();
  // Cached keys are not used for this long without a new request.
  service.clock.ahead += 120_000;
  const record = `/v1/domains/${domain.id}/dkim`;
  // Until the keys are requested again, the answer is 503.
  await eventually(async () =>
    expect((await service.call(`owner-of-${tenant}`, record)).status).toBe(404),
  );
  scene.expectSilence(service);
});
