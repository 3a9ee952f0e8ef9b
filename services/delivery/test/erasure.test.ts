import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  newMessageId,
  routingKeys,
  type Fence,
  type IdentityChange,
  type MessageEvent,
} from '@mysmtp/contracts';
import type { Gate } from '@mysmtp/erasure';
import { createLogger } from '@mysmtp/log';
import {
  eventually,
  followErasures,
  startPeer,
  type Erasures,
  type PeerScript,
} from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeliveryConfig } from '../src/config.ts';
import { createOutbox } from '../src/events/outbox.ts';
import { newDocument } from '../src/shelf/document.ts';
import { firstSlotOf } from '../src/shelf/slots.ts';
import { startHoldingServer } from './holding-server.ts';
import {
  domain,
  other,
  startService,
  startWorld,
  tenant,
  type Service,
  type World,
} from './service.ts';

const otherDomain = { id: 'domain-2', tenant: other, name: 'other.example.org' };
const noWire = { finished: 0, unknown: 0 };

let world: World;
let cleanup: AsyncDisposableStack;
beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  world = await startWorld([domain, otherDomain]);
  cleanup.defer(() => world.close());
});
afterEach(() => cleanup.disposeAsync());

async function startAt(
  port: number,
  config: Partial<DeliveryConfig> = {},
  options: Parameters<typeof startService>[2] = {},
): Promise<Service> {
  const smarthost = { host: '127.0.0.1', port };
  const service = await startService(world, { smarthost, ...config }, options);
  cleanup.defer(service.close);
  return service;
}

async function startWith(script: PeerScript = {}, config: Partial<DeliveryConfig> = {}) {
  const peer = await startPeer(script);
  cleanup.defer(peer.close);
  return { peer, service: await startAt(peer.port, config) };
}

async function startHolding(
  { mute, wireGrace = 10_000 }: { mute?: string; wireGrace?: number } = {},
  config: Partial<DeliveryConfig> = {},
) {
  const server = await startHoldingServer(mute);
  cleanup.defer(server.close);
  // No timeout of the wire comes before the fence's.
  const patient = { commandTimeout: 60_000, finalReplyTimeout: 60_000, transactionTimeout: 60_000 };
  const service = await startAt(server.port, { ...patient, ...config }, { wireGrace });
  return { server, service };
}

async function follow(): Promise<Erasures> {
  const { broker, neighbours } = world;
  const { jwksFile, fences } = neighbours;
  const following = followErasures({
    brokerUrl: broker.url,
    service: 'delivery',
    jwksFile,
    fences,
  });
  return cleanup.adopt(await following, (opened) => opened.close());
}

/** A fence of which nobody is told: who asks privacy hears of it. */
function standingFence(): Fence {
  const fence = { erasure: randomUUID(), tenant };
  world.neighbours.fences.push(fence);
  return fence;
}

/** What the one process that has acknowledged a fence had on the wire. */
const wireOf = (erasures: Erasures, fence: Fence) =>
  eventually(() => {
    const answers = erasures.answers('fenced', fence);
    expect(answers).toHaveLength(1);
    return answers[0]?.wire;
  });

const delivered = (id: string) =>
  eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('delivered'));

/** Nobody was told anything more of the tenant than before the fence, and nothing went wrong. */
function expectSilence(service: Service, eventsBefore = 0): void {
  expect(world.events.filter((event) => event.tenant === tenant)).toHaveLength(eventsBefore);
  expect(service.lines.filter(({ level }) => level === 'error')).toEqual([]);
  for (const event of ['report.made', 'mail.held', 'shelf.claim_lost', 'mail.key_destroyed']) {
    expect(service.logged(event)).toEqual([]);
  }
}

const shelfOf = async (whose: string) =>
  (await world.open()).filter((document) => document.tenant === whose);

test('queued mail of a fenced tenant is dropped and counted, the mail of others goes', async () => {
  const erasures = await follow();
  for (let n = 0; n < 3; n += 1) await world.send();
  const kept = await world.send({ tenant: other });
  // The process learns of the fence as it starts.
  const fence = standingFence();
  const { peer, service } = await startWith();
  expect(await wireOf(erasures, fence)).toEqual(noWire);
  await delivered(kept);
  await world.send();
  await erasures.mark('delivery.mail', fence);
  expect(await erasures.erased(fence, 1)).toEqual([['queue.delivery.mail', 4]]);
  expect(peer.attempted).toHaveLength(1);
  expect(await world.shelf()).toEqual([]);
  expectSilence(service);
});

const refusing: PeerScript = {
  onRcpt: (to) =>
    to === 'nobody@b.test'
      ? { code: 550, text: '5.1.1 No such user' }
      : { code: 451, text: '4.7.1 Later' },
};

test('what waits on the shelf is purged, its reports too; a second purge tells the same', async () => {
  const erasures = await follow();
  const { service } = await startWith(refusing);
  const parked = Array.from({ length: 650 }, () => ({
    ...newDocument({ id: randomUUID(), tenant, kind: 'message' }, Buffer.from('sealed'), {
      acceptedAt: Date.now(),
      nextAt: Date.now(),
      expiry: 3_600_000,
    }),
    state: 'held' as const,
  }));
  await world.connection.collection<(typeof parked)[number]>('shelf').insertMany(parked);
  const ids = [
    await world.send({ to: ['nobody@b.test', 'later@a.test'] }),
    await world.send({ to: ['later@a.test'] }),
    await world.send({ to: ['later@a.test'], tenant: other }),
  ];
  // Two that are deferred, and the report of one of them, which waits as well.
  await eventually(async () => expect(await shelfOf(tenant)).toHaveLength(653));
  await eventually(() =>
    expect(ids.map((id) => world.eventsOf(id).at(-1)?.status)).not.toContain(undefined),
  );
  await service.call(`owner-of-${tenant}`, `/v1/domains/${domain.id}/dkim`);
  const dkimKeys = world.connection.collection('dkimKeys');
  await eventually(async () => expect(await dkimKeys.countDocuments({ tenant })).toBe(1));
  const before = world.events.filter((event) => event.tenant === tenant).length;
  const fence = await erasures.raise(tenant);
  expect(await wireOf(erasures, fence)).toEqual(noWire);
  expect((await service.call(`owner-of-${tenant}`, `/v1/domains/x/dkim`)).status).toBe(401);

  // Identity forgets the domain: its key is left to the purge all the same.
  const gone: IdentityChange = { v: 1, entity: 'domain', id: domain.id, version: 9, state: null };
  await world.publisher.publish({
    exchange: 'events',
    key: routingKeys.identityChanged('domain'),
    content: Buffer.from(JSON.stringify(gone)),
  });
  service.clock.ahead += 7_200_000;
  await sleep(1_500);
  const erased = [
    ['delivery.shelf', 653],
    ['delivery.dkimKeys', 1],
    ['delivery.identity', 2],
  ];
  await erasures.command('purge', fence);
  expect(await erasures.erased(fence, 3)).toEqual(erased);
  await erasures.command('purge', fence);
  expect(await erasures.erased(fence, 6)).toEqual([...erased, ...erased]);
  expect(await shelfOf(tenant)).toEqual([]);
  expect(await shelfOf(other)).toHaveLength(1);
  expect(await dkimKeys.countDocuments({ tenant })).toBe(0);
  expect(service.logged('dkim.key_removed')).toEqual([]);
  expect(world.events.filter((event) => event.tenant === tenant)).toHaveLength(before);
  expect(service.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test("mail that waits in a site's line is sent away at once, and others' mail stays in it", async () => {
  const erasures = await follow();
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
    await delivered(id);
  }
  await erasures.mark('delivery.mail', fence);
  expect(await erasures.erased(fence, 1)).toEqual([['queue.delivery.mail', 3]]);
  expect(server.commands.filter((line) => line.includes('fenced@'))).toEqual([]);
  expect(await world.shelf()).toEqual([]);
  expectSilence(service);
});

test.each([
  ['takes', '250 2.0.0 taken'],
  ['puts off', '451 4.7.1 Later'],
  ['refuses', '550 5.7.1 No'],
])(
  'a transaction that the server %s within the grace counts as finished, and nothing follows',
  async (_name, reply) => {
    const erasures = await follow();
    const { server, service } = await startHolding();
    await world.send({ to: ['one@a.test', 'two@a.test'] });
    await eventually(() => expect(server.waiting()).toBe(1));
    const fence = await erasures.raise(tenant, 0);
    await sleep(500);
    expect(erasures.answers('fenced', fence)).toEqual([]);
    server.answer(reply);
    expect(await wireOf(erasures, fence)).toEqual({ finished: 2, unknown: 0 });
    await erasures.mark('delivery.mail', fence);
    expect(await erasures.erased(fence, 1)).toEqual([['queue.delivery.mail', 1]]);
    await sleep(500);
    expect(await world.shelf()).toEqual([]);
    expect(server.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
    expectSilence(service);
  },
);

test('what hangs after the final dot is broken after the grace, and its outcome is unknown', async () => {
  const erasures = await follow();
  const { server, service } = await startHolding({ wireGrace: 1_000 });
  await world.send({ to: ['one@a.test', 'two@a.test', 'three@a.test'] });
  await eventually(() => expect(server.waiting()).toBe(1));
  const before = Date.now();
  const fence = await erasures.raise(tenant);
  expect(await wireOf(erasures, fence)).toEqual({ finished: 0, unknown: 3 });
  expect(Date.now() - before).toBeGreaterThanOrEqual(1_000);
  expect(server.waiting()).toBe(0);
  expect(await world.shelf()).toEqual([]);
  expectSilence(service);
});

test('what is broken before the final dot has delivered nothing and counts as neither', async () => {
  const erasures = await follow();
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
  expectSilence(service);
});

test('mail from the shelf that is on the wire stays there as it was, for the purge', async () => {
  const erasures = await follow();
  await world.send();
  await world.redeliver(1);
  const { server, service } = await startHolding();
  await eventually(() => expect(server.waiting()).toBe(1));
  const fence = await erasures.raise(tenant, 0);
  const before = await world.shelf();
  server.answer('250 2.0.0 taken');
  expect(await wireOf(erasures, fence)).toEqual({ finished: 1, unknown: 0 });
  const [document] = await world.shelf();
  expect(document).toMatchObject({ state: 'claimed', recipients: before[0]?.recipients });
  await erasures.command('purge', fence);
  expect((await erasures.erased(fence, 3))[0]).toEqual(['delivery.shelf', 1]);
  expect(await world.shelf()).toEqual([]);
  expectSilence(service);
});

test('what is spooled and can be read no more ends as quietly', async () => {
  const erasures = await follow();
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
  expect(await world.shelf()).toEqual([]);
  expectSilence(service);
});

test("the bounces of another tenant's mail go their way", async () => {
  const erasures = await follow();
  const { peer } = await startWith({
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

test('a process that may have missed a fence delivers nothing until it has asked', async () => {
  const { peer, service } = await startWith();
  // The keys of both tenants are here.
  await delivered(await world.send());
  await delivered(await world.send({ tenant: other }));
  world.neighbours.away.add('privacy');
  await world.broker.cutConnections();
  await eventually(async () => expect(await service.metric('mysmtp_gate_current')).toBe(0));
  const erasures = await follow();
  const fence = standingFence();
  await eventually(() => world.send());
  const kept = await eventually(() => world.send({ tenant: other }));
  await eventually(async () =>
    expect(await service.metric('mysmtp_delivery_window_messages')).toBe(2),
  );
  await sleep(1_000);
  expect(peer.attempted).toHaveLength(2);
  expect(await world.shelf()).toEqual([]);
  world.neighbours.away.delete('privacy');
  await delivered(kept);
  expect(await wireOf(erasures, fence)).toEqual(noWire);
  expect(peer.attempted).toHaveLength(3);
  expectSilence(service, 1);
}, 60_000);

test('a canary goes to the shelf and nowhere else, and nobody is alarmed', async () => {
  const { peer, service } = await startWith();
  const id = await world.send({
    kind: 'canary',
    to: ['canary@mysmtp.invalid'],
    spooled: true,
  });
  await eventually(() => expect(world.eventsOf(id)).toMatchObject([{ status: 'held', rev: 1 }]));
  const [document] = await world.shelf();
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
  expect(document?.slot).toBeGreaterThanOrEqual(firstSlotOf(document?.expiresAt ?? 0));
  expect((await service.call('operator', '/v1/held')).body).toEqual({ held: [] });
  for (const action of ['release', 'cancel']) {
    expect((await service.call('operator', `/v1/held/${id}`, { action })).status).toBe(404);
  }
  expect(await service.metric('mysmtp_delivery_held_total')).toBe(0);
  expect(service.logged('mail.held')).toEqual([]);

  // Handed out again, to this process and to another, it is the same.
  await world.sendAgain(id);
  await service.close();
  await world.sendAgain(id);
  await world.redeliver(1);
  const next = await startAt(peer.port);
  await delivered(await world.send());
  expect(await world.shelf()).toEqual([document]);

  // An erasure that never came to its end: it expires, and nobody gets a report.
  await world.connection
    .collection<{ _id: string }>('shelf')
    .updateOne(
      { _id: id },
      { $set: { slot: firstSlotOf(Date.now() - 60_000), expiresAt: Date.now() - 60_000 } },
    );
  await next.close();
  const last = await startAt(peer.port);
  await eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('expired'));
  await eventually(() => expect(world.released).toEqual([document?.spool?.id]));
  await eventually(async () => expect(await world.open()).toEqual([]));
  await delivered(await world.send());
  expect(peer.attempted.map(({ to }) => to)).toEqual([['someone@a.test'], ['someone@a.test']]);
  expect(last.logged('report.made')).toEqual([]);
});

test('a canary whose key cannot be had waits, is held then, and goes with its tenant', async () => {
  const erasures = await follow();
  const { peer, service } = await startWith();
  world.neighbours.away.add('privacy');
  // Of a day whose keys nobody has asked for yet.
  const at = Date.now() - 2 * 86_400_000;
  const id = await world.send({ kind: 'canary', at, to: ['canary@mysmtp.invalid'] });
  await eventually(async () => expect(await shelfOf(tenant)).toMatchObject([{ state: 'ready' }]), {
    timeout: 20_000,
  });
  world.neighbours.away.delete('privacy');
  service.clock.ahead += 120_000;
  await eventually(() => expect(world.eventsOf(id)).toMatchObject([{ status: 'held' }]));
  expect(await shelfOf(tenant)).toMatchObject([{ state: 'held', reason: 'canary' }]);
  const fence = await erasures.raise(tenant);
  expect(await wireOf(erasures, fence)).toEqual(noWire);
  await erasures.command('purge', fence);
  expect((await erasures.erased(fence, 3))[0]).toEqual(['delivery.shelf', 1]);
  expect(await world.shelf()).toEqual([]);
  expect(peer.connections()).toBe(0);
}, 60_000);

test('an event that is gathered when the fence falls is not sent', async () => {
  let fenced: string | undefined;
  const gate: Gate = {
    closedFor: (whose) => (whose === fenced ? randomUUID() : undefined),
    isCurrent: () => true,
    pass: (_tenants, work) => work(),
    onFence: () => undefined,
  };
  const log = createLogger('delivery', 'error', { write: () => undefined });
  const outbox = createOutbox(world.publisher, gate, log);
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
    facts: '',
    attempts: [],
  });
  outbox.changed(event(tenant));
  outbox.changed(event(other));
  const told = [outbox.finished(event(tenant)), outbox.released(tenant, 'spooled')];
  fenced = tenant;
  await outbox.close();
  await Promise.all(told);
  await eventually(() => expect(world.events).toHaveLength(1));
  expect(world.events).toMatchObject([{ tenant: other }]);
  expect(world.released).toEqual([]);
});

test('a fenced tenant gets no DKIM key any more, by no way', async () => {
  const erasures = await follow();
  const peer = await startPeer();
  cleanup.defer(peer.close);
  // Its minute ends in ten seconds, and then the keys are reviewed.
  const ahead = 50_000 - (Date.now() % 60_000);
  const service = await startAt(peer.port, {}, { ahead });
  for (const { id, tenant: owner } of [domain, otherDomain]) {
    expect((await service.call(`owner-of-${owner}`, `/v1/domains/${id}/dkim`)).status).toBe(200);
  }
  const keys = world.connection.collection<{ _id: string }>('dkimKeys');
  await erasures.raise(tenant);
  await keys.deleteMany({});
  const state = { tenant, name: '', nameIndex: '', signing: 'ours' as const };
  const change: IdentityChange = { v: 1, entity: 'domain', id: domain.id, version: 2, state };
  await world.publisher.publish({
    exchange: 'events',
    key: routingKeys.identityChanged('domain'),
    content: Buffer.from(JSON.stringify(change)),
  });
  await eventually(async () => expect(await keys.findOne({ _id: otherDomain.id })).not.toBeNull(), {
    timeout: 80_000,
  });
  await sleep(1_000);
  expect(await keys.countDocuments()).toBe(1);
  const after = service.lines.findIndex(({ event }) => event === 'fence.fell');
  const refused = service.lines.slice(after).filter(({ event }) => event === 'dkim.key_not_made');
  expect(refused).toEqual([]);
}, 90_000);
