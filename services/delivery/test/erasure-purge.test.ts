import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type IdentityChange } from '@mysmtp/contracts';
import { eventually, type PeerScript } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newDocument } from './documents.ts';
import { bucketOf, firstBucketOf } from '../src/deferred/buckets.ts';
import { noWire, openScene, wireOf, type Scene } from './erasure-scene.ts';
import { domain, other, tenant, type World } from './world.ts';

let scene: Scene;
let world: World;
beforeEach(async () => {
  scene = await openScene();
  ({ world } = scene);
});
afterEach(() => scene.cleanup.disposeAsync());

const refusing: PeerScript = {
  onRcpt: (to) =>
    to === 'nobody@b.test'
      ? { code: 550, text: '5.1.1 No such user' }
      : { code: 451, text: '4.7.1 Later' },
};

test('deferred mail is purged, and its DSNs too; a second purge gives the same receipts', async () => {
  const erasures = await scene.follow();
  const { service } = await scene.startWith(refusing);
  const now = Date.now();
  const waiting = Array.from({ length: 650 }, () => {
    const header = { id: randomUUID(), tenant, kind: 'message' } as const;
    const times = { acceptedAt: now, nextAt: now, expiry: 3_600_000 };
    const document = newDocument(header, Buffer.from('sealed'), times);
    // Until it expires. If it were due, the job of the next full minute would release it.
    return { ...document, state: 'held' as const, bucket: bucketOf(document.expiresAt) };
  });
  await world.connection.collection<(typeof waiting)[number]>('deferred').insertMany(waiting);
  const ids = [
    await world.send({ to: ['nobody@b.test', 'later@a.test'] }),
    await world.send({ to: ['later@a.test'] }),
    await world.send({ to: ['later@a.test'], tenant: other }),
  ];
  // Two deferred messages, and the DSN about one of them, which was tried too: nothing is on the wire.
  await eventually(async () => {
    const stored = await scene.deferredOf(tenant);
    expect(stored).toHaveLength(653);
    expect(stored.filter(({ kind }) => kind === 'dsn')).toMatchObject([
      { state: 'ready', recipients: [{ tries: 1 }] },
    ]);
  });
  // All events before the fence: of two recipients, of one and of one.
  await eventually(() => expect(ids.map((id) => world.eventsOf(id).length)).toEqual([2, 1, 1]));
  await service.call(`owner-of-${tenant}`, `/v1/domains/${domain.id}/dkim`);
  const dkimKeys = world.connection.collection('dkimKeys');
  await eventually(async () => expect(await dkimKeys.countDocuments({ tenant })).toBe(1));
  const before = world.events.filter((event) => event.tenant === tenant).length;
  const fence = await erasures.raise(tenant);
  expect(await wireOf(erasures, fence)).toEqual(noWire);
  expect((await service.call(`owner-of-${tenant}`, `/v1/domains/x/dkim`)).status).toBe(401);

  // Identity removes the domain. Its key is still left to the purge.
  const removal: IdentityChange = {
    v: 1,
    entity: 'domain',
    id: domain.id,
    version: 9,
    state: null,
  };
  await world.neighbours.serviceKeys.tell(world.broker, removal);
  const known = world.connection.collection<{ _id: string }>('identityProjection');
  await eventually(async () =>
    expect(await known.countDocuments({ _id: `domain:${domain.id}`, version: 9 })).toBe(1),
  );
  service.clock.ahead += 7_200_000;
  await sleep(1_500);
  const erased = [
    ['delivery.deferred', 653],
    ['delivery.dkimKeys', 1],
    ['delivery.suppressions', 0],
    ['delivery.identityProjection', 2],
  ];
  await erasures.command('purge', fence);
  expect(await erasures.erased(fence, 4)).toEqual(erased);
  await erasures.command('purge', fence);
  expect(await erasures.erased(fence, 8)).toEqual([...erased, ...erased]);
  expect(await scene.deferredOf(tenant)).toEqual([]);
  expect(await scene.deferredOf(other)).toHaveLength(1);
  expect(await dkimKeys.countDocuments({ tenant })).toBe(0);
  expect(service.logged('dkim.key_removed')).toEqual([]);
  expect(world.events.filter((event) => event.tenant === tenant)).toHaveLength(before);
  expect(service.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a canary is stored only in the deferred queue, and raises no alert', async () => {
  const { peer, service } = await scene.startWith();
  const id = await world.send({
    kind: 'canary',
    to: ['canary@mysmtp.invalid'],
    spooled: true,
  });
  await eventually(() => expect(world.eventsOf(id)).toMatchObject([{ status: 'held', rev: 1 }]));
  const [document] = await world.deferred();
  expect(document).toMatchObject({
    _id: id,
    tenant,
    kind: 'canary',
    state: 'held',
    reason: 'canary',
    recipients: [{ n: 0, status: 'held', rev: 1 }],
    spool: { chunks: expect.any(Number) as number },
  });
  expect(document?.senderIndex).toBe(world.eventsOf(id)[0]?.senderIndex);
  expect(document?.bucket).toBeGreaterThanOrEqual(firstBucketOf(document?.expiresAt ?? 0));
  expect((await service.call('operator', '/v1/held')).body).toEqual({ held: [] });
  for (const action of ['release', 'cancel']) {
    expect((await service.call('operator', `/v1/held/${id}`, { action })).status).toBe(404);
  }
  expect(await service.metric('mysmtp_delivery_held_total')).toBe(0);
  expect(service.logged('mail.held')).toEqual([]);

  // A redelivery to this or another process changes nothing.
  await world.sendAgain(id);
  await service.close();
  await world.sendAgain(id);
  await world.redeliver(1);
  const next = await scene.startAt(peer.port);
  await scene.delivered(await world.send());
  expect(await world.deferred()).toEqual([document]);

  // An erasure that never ended: the canary expires without a DSN.
  await world.connection
    .collection<{ _id: string }>('deferred')
    .updateOne(
      { _id: id },
      { $set: { bucket: firstBucketOf(Date.now() - 60_000), expiresAt: Date.now() - 60_000 } },
    );
  await next.close();
  const last = await scene.startAt(peer.port);
  await eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('expired'));
  await eventually(() => expect(world.released).toEqual([document?.spool?.id]));
  await eventually(async () => expect(await world.open()).toEqual([]));
  await scene.delivered(await world.send());
  expect(peer.attempted.map(({ to }) => to)).toEqual([['someone@a.test'], ['someone@a.test']]);
  expect(last.logged('dsn.created')).toEqual([]);
});

test('a canary without an available key waits, is then held, and is purged with its tenant', async () => {
  const erasures = await scene.follow();
  const { peer, service } = await scene.startWith();
  world.neighbours.away.add('privacy');
  // Of a day whose keys are not cached yet.
  const at = Date.now() - 2 * 86_400_000;
  const id = await world.send({ kind: 'canary', at, to: ['canary@mysmtp.invalid'] });
  await eventually(
    async () => expect(await scene.deferredOf(tenant)).toMatchObject([{ state: 'ready' }]),
    {
      timeout: 20_000,
    },
  );
  world.neighbours.away.delete('privacy');
  service.clock.ahead += 120_000;
  await eventually(() => expect(world.eventsOf(id)).toMatchObject([{ status: 'held' }]));
  expect(await scene.deferredOf(tenant)).toMatchObject([{ state: 'held', reason: 'canary' }]);
  const fence = await erasures.raise(tenant);
  expect(await wireOf(erasures, fence)).toEqual(noWire);
  await erasures.command('purge', fence);
  expect((await erasures.erased(fence, 4))[0]).toEqual(['delivery.deferred', 1]);
  expect(await world.deferred()).toEqual([]);
  expect(peer.connections()).toBe(0);
}, 60_000);
