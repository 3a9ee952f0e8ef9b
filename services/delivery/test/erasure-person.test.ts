import { randomUUID } from 'node:crypto';
import type { Envelope } from '@mysmtp/contracts';
import {
  UsageDetails,
  detailsRecord,
  newMessageId,
  type MessageEvent,
  type SubjectOf,
} from '@mysmtp/contracts';
import { unpackMail } from '@mysmtp/mail';
import { addressIndex, open, openJson } from '@mysmtp/seal';
import { eventually, type Erasures, type PeerScript } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bucketOf } from '../src/deferred/buckets.ts';
import type { DeferredDocument } from '../src/deferred/document.ts';
import { newDocument } from './documents.ts';
import { noWire, openScene, wireOf, type Scene } from './erasure-scene.ts';
import { startHoldingServer } from './holding-server.ts';
import { newMail } from './mail.ts';
import { other, tenant, type World } from './world.ts';

let scene: Scene;
let world: World;
let erasures: Erasures;
beforeEach(async () => {
  scene = await openScene();
  ({ world } = scene);
  erasures = await scene.follow();
});
afterEach(() => scene.cleanup.disposeAsync());

/** The erased person, and somebody else. */
const person = 'person@a.test';
const else_ = 'else@a.test';

const indexOf = (address: string, of = tenant): string =>
  addressIndex(world.neighbours.keyOf(of, 'index'), address);
const subjectOf = (address: string): SubjectOf<'person'> => ({
  kind: 'person',
  tenant,
  person: indexOf(address),
});

/** No SMTP timeout is shorter than the fence's. */
const patient = { commandTimeout: 60_000, finalReplyTimeout: 60_000, transactionTimeout: 60_000 };

const later: PeerScript = { onRcpt: () => ({ code: 451, text: '4.7.1 Later' }) };

/** Everything is deferred until `up`. */
function switchable() {
  const state = { up: false };
  const script: PeerScript = {
    onRcpt: () => (state.up ? 'accept' : { code: 451, text: '4.7.1 Later' }),
  };
  return { state, script };
}

const documentOf = async (id: string): Promise<DeferredDocument> => {
  const found = (await world.deferred()).find(({ _id }) => _id === id);
  if (found === undefined) throw new Error(`${id} is not there`);
  return found;
};

const envelopeIn = ({ _id, content, acceptedAt }: DeferredDocument): Envelope => {
  const day = new Date(acceptedAt).toISOString().slice(0, 10);
  const key = world.neighbours.keyOf(tenant, `mail:${day}`);
  return unpackMail(open(key, { tenant, record: `mail:${_id}` }, content)).envelope;
};

const detailsOf = ({ id, n, acceptedAt, details }: MessageEvent): UsageDetails => {
  const day = new Date(acceptedAt).toISOString().slice(0, 10);
  const key = world.neighbours.keyOf(tenant, `events:${day}`);
  const context = { tenant, record: detailsRecord(id, n) };
  return UsageDetails.parse(openJson(key, context, Buffer.from(details, 'base64')));
};

const isDeferred = (id: string, n: number) =>
  eventually(async () => {
    const { recipients, state } = await documentOf(id);
    expect([state, recipients?.[n]?.status]).toEqual(['ready', 'deferred']);
  });

/** The last event of a recipient says that it was cancelled, and of nobody. */
const isCancelled = (id: string, n: number) =>
  eventually(() => {
    const last = world.eventsOf(id).findLast((event) => event.n === n);
    expect(last).toMatchObject({ status: 'cancelled', recipientIndex: '', attempts: [] });
    expect(last).not.toHaveProperty('recipientDomainIndex');
    expect(last === undefined ? undefined : detailsOf(last).recipient).toBe('');
    return last;
  });

const purge = async (subject = subjectOf(person)) => {
  const fence = await erasures.raise(subject);
  await erasures.command('purge', fence);
  return { fence, erased: await erasures.erased(fence, 4) };
};

test('deferred mail to the person and to another is sealed again, and only the other gets it', async () => {
  const { state, script } = switchable();
  const { peer, service } = await scene.startWith(script);
  const id = await world.send({ to: [person, else_] });
  const alone = await world.send({ to: [person], spooled: true });
  const ofOther = await world.send({ to: [person], tenant: other });
  await isDeferred(id, 0);
  await isDeferred(id, 1);
  await isDeferred(alone, 0);
  await isDeferred(ofOther, 0);
  const spooled = (await documentOf(alone)).spool?.id;
  const before = await documentOf(ofOther);

  const { erased } = await purge();
  expect(erased).toEqual([
    ['delivery.deferred', 2],
    // No data of persons.
    ['delivery.identityProjection', 0],
    ['delivery.dkimKeys', 0],
    ['delivery.suppressions', 0],
  ]);
  const left = await documentOf(id);
  expect(left.state).toBe('ready');
  expect(left.recipients).toMatchObject([
    { n: 0, status: 'cancelled', index: '', attempts: [] },
    { n: 1, status: 'deferred', index: indexOf(else_) },
  ]);
  expect(JSON.stringify(envelopeIn(left))).not.toContain(person);
  expect(envelopeIn(left).recipients).toMatchObject([{ address: '' }, { address: else_ }]);
  // The last recipient: a tombstone, and the spooled content is released.
  expect(await documentOf(alone)).toEqual({
    _id: alone,
    state: 'finished',
    bucket: expect.any(Number) as number,
  });
  await eventually(() => expect(world.released).toEqual([spooled]));
  expect(await documentOf(ofOther)).toEqual(before);
  await isCancelled(id, 0);
  await isCancelled(alone, 0);

  state.up = true;
  service.clock.ahead += 7_200_000;
  await eventually(() =>
    expect(world.eventsOf(id).findLast(({ n }) => n === 1)?.status).toBe('delivered'),
  );
  await scene.delivered(ofOther);
  expect(peer.received.map(({ to }) => to.join()).toSorted()).toEqual([else_, person]);
  expect(service.logged('dsn.created')).toEqual([]);
  expect(service.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a second purge finds nothing, and mail from the person is cancelled as a whole', async () => {
  const { service } = await scene.startWith(later);
  const id = await world.send({ to: [else_, 'third@a.test'] });
  await isDeferred(id, 0);
  await isDeferred(id, 1);
  const sender = subjectOf('hello@demo.example.org');
  const { fence, erased } = await purge(sender);
  expect(erased[0]).toEqual(['delivery.deferred', 1]);
  await eventually(async () => expect(await world.open()).toEqual([]));
  await eventually(() => {
    const last = world.eventsOf(id).slice(-2);
    expect(last.map(({ status, senderIndex }) => [status, senderIndex])).toEqual([
      ['cancelled', ''],
      ['cancelled', ''],
    ]);
    expect(last.map((event) => detailsOf(event))).toMatchObject([
      { sender: '', recipient: else_ },
      { sender: '', recipient: 'third@a.test' },
    ]);
  });
  await erasures.command('purge', fence);
  expect((await erasures.erased(fence, 8)).slice(4)[0]).toEqual(['delivery.deferred', 1]);
  expect(service.logged('dsn.created')).toEqual([]);
});

test('queued mail after the fence: only the others get it, and the marker counts it', async () => {
  const fence = { erasure: randomUUID(), subject: subjectOf(person) };
  world.neighbours.fences.push(fence);
  const both = await world.send({ to: [person, else_] });
  const alone = await world.send({ to: [person] });
  const ofOther = await world.send({ to: [person], tenant: other });
  const { peer } = await scene.startWith();
  await scene.delivered(ofOther);
  await eventually(() =>
    expect(world.eventsOf(both).findLast(({ n }) => n === 1)?.status).toBe('delivered'),
  );
  await isCancelled(both, 0);
  await isCancelled(alone, 0);
  await erasures.mark('delivery.mail', fence);
  expect(await erasures.erased(fence, 1)).toEqual([['queue.delivery.mail', 2]]);
  expect(peer.received.map(({ to }) => to.join()).toSorted()).toEqual([else_, person]);
  await eventually(async () => expect(await world.open()).toEqual([]));
});

test('mail on the wire when the fence is applied is counted; mail that waits for a connection loses the person', async () => {
  const server = await startHoldingServer();
  scene.cleanup.defer(server.close);
  await scene.startAt(server.port, { ...patient, siteConnections: 1 }, { wireGrace: 60_000 });
  const first = await world.send({ to: [person, else_] });
  await eventually(() => expect(server.waiting()).toBe(1));
  const second = await world.send({ to: [person, else_] });
  await eventually(async () => expect((await world.deferred()).length).toBe(0));
  const fence = await erasures.raise(subjectOf(person), 0);
  // Both are stored without the person before the fence is acknowledged.
  await eventually(async () => {
    const stored = await world.open();
    expect(stored.map(({ _id }) => _id).toSorted()).toEqual([first, second].toSorted());
    for (const document of stored)
      expect(JSON.stringify(envelopeIn(document))).not.toContain(person);
  });
  expect(erasures.answers('fenced', fence)).toEqual([]);
  server.answer('250 2.0.0 taken');
  expect(await wireOf(erasures, fence)).toEqual({ finished: 1, unknown: 0 });
  await eventually(() => expect(server.waiting()).toBe(1));
  server.answer('250 2.0.0 taken');
  for (const id of [first, second]) {
    await isCancelled(id, 0);
    await eventually(() =>
      expect(world.eventsOf(id).findLast(({ n }) => n === 1)?.status).toBe('delivered'),
    );
  }
  const recipients = server.commands.filter((line) => line.startsWith('RCPT'));
  expect(recipients.map((line) => line.split(' ')[1])).toEqual([
    `TO:<${person}>`,
    `TO:<${else_}>`,
    `TO:<${else_}>`,
  ]);
  await eventually(async () => expect(await world.open()).toEqual([]));
});

test('a transaction with the person that does not end is broken off, and the others are tried again', async () => {
  const server = await startHoldingServer();
  scene.cleanup.defer(server.close);
  await scene.startAt(server.port, patient, { wireGrace: 300 });
  const id = await world.send({ to: [person, else_] });
  await eventually(() => expect(server.waiting()).toBe(1));
  const fence = await erasures.raise(subjectOf(person), 0);
  expect(await wireOf(erasures, fence)).toEqual({ finished: 0, unknown: 1 });
  await isDeferred(id, 1);
  expect((await documentOf(id)).recipients?.[0]).toMatchObject({ status: 'cancelled', index: '' });
});

test('a DSN about the person that waits is dropped, and the sender of others still gets theirs', async () => {
  const script: PeerScript = {
    onRcpt: (to) =>
      [person, else_].includes(to)
        ? { code: 550, text: '5.1.1 No such user' }
        : { code: 451, text: '4.7.1 Later' },
  };
  const { service } = await scene.startWith(script);
  await world.send({ to: [person] });
  const aboutOther = await world.send({ to: [else_] });
  const dsns = () => world.open();
  await eventually(async () => {
    const waiting = await dsns();
    expect(waiting.map(({ kind, state, about }) => [kind, state, about?.length])).toEqual([
      ['dsn', 'ready', 1],
      ['dsn', 'ready', 1],
    ]);
  });
  const { erased } = await purge();
  expect(erased[0]).toEqual(['delivery.deferred', 1]);
  expect((await dsns()).map(({ about }) => about)).toEqual([[indexOf(else_)]]);
  expect(service.logged('dsn.created')).toHaveLength(2);
  expect(world.eventsOf(aboutOther).at(-1)?.status).toBe('bounced');
});

test('mail that was never opened is opened by the purge: of a stopped tenant, and as a DSN', async () => {
  await scene.startWith(later);
  const change = { entity: 'tenant', id: tenant, state: { status: 'suspended' } } as const;
  await world.neighbours.change(world.broker, change);
  const ids = await eventually(
    async () => {
      const both = await world.send({ to: [person, else_] });
      await eventually(
        async () => {
          const stored = await documentOf(both);
          expect(stored).not.toHaveProperty('recipients');
        },
        { timeout: 1_000, every: 50 },
      );
      return { both };
    },
    { timeout: 10_000, every: 0 },
  );
  const alone = await world.send({ to: [person] });
  await eventually(async () => void (await documentOf(alone)));
  const held = newMail(world.neighbours, { tenant, to: [person] });
  const document = newDocument(
    { id: newMessageId(Date.now()), tenant, kind: 'message' },
    // Sealed for another id: nobody can open it.
    held.content,
    { acceptedAt: Date.now(), nextAt: Date.now(), expiry: 3_600_000 },
  );
  await world.connection.collection<DeferredDocument>('deferred').insertOne({
    ...document,
    state: 'held',
    // Until it expires. If it were due, the job of the next full minute would release it.
    bucket: bucketOf(document.expiresAt),
    reason: 'unreadable',
    heldAt: Date.now(),
  });
  const { erased } = await purge();
  expect(erased[0]?.[0]).toBe('delivery.deferred');
  const left = await documentOf(ids.both);
  expect(left.state).toBe('ready');
  expect(envelopeIn(left).recipients).toMatchObject([{ address: '' }, { address: else_ }]);
  expect((await documentOf(alone)).state).toBe('finished');
  expect((await documentOf(document._id)).state).toBe('held');
});

test('held mail stays held without the person', async () => {
  const { script } = switchable();
  const { service } = await scene.startWith(script);
  const id = await world.send({ to: [person, else_] });
  await isDeferred(id, 1);
  const heldAt = Date.now() - 1_000;
  await eventually(async () => {
    const { modifiedCount } = await world.connection
      .collection<DeferredDocument>('deferred')
      .updateOne(
        { _id: id, state: 'ready' },
        { $set: { state: 'held', reason: 'handling_failed', heldAt } },
      );
    expect(modifiedCount).toBe(1);
  });
  await purge();
  const left = await documentOf(id);
  expect(left).toMatchObject({ state: 'held', reason: 'handling_failed', heldAt });
  expect(left.recipients).toMatchObject([{ status: 'cancelled', index: '' }, { n: 1 }]);
  expect(service.logged('mail.held')).toEqual([]);
});

test('a legal hold keeps the deferred mail, and the receipt says so', async () => {
  await scene.startWith(later);
  const id = await world.send({ to: [person] });
  await isDeferred(id, 0);
  const before = await documentOf(id);
  const fence = await erasures.raise(subjectOf(person));
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const holds = [{ store: 'delivery.deferred', ground: 'A claim', until }];
  await erasures.command('purge', fence, { holds });
  expect((await erasures.erased(fence, 4))[0]).toEqual(['delivery.deferred', 0]);
  expect(await documentOf(id)).toEqual(before);
});

test('the canary is found by each path of a person, and removed by its id', async () => {
  await scene.startWith();
  const address = 'canary@mysmtp.invalid';
  const { content, headers } = newMail(world.neighbours, {
    tenant,
    kind: 'canary',
    from: address,
    to: [address],
    about: [indexOf(address)],
    spooled: true,
  });
  await world.publishRaw(content, { ...headers });
  const { id } = headers;
  await eventually(async () =>
    expect(await documentOf(id)).toMatchObject({
      state: 'held',
      senderIndex: indexOf(address),
      recipients: [{ index: indexOf(address) }],
      about: [indexOf(address)],
    }),
  );
  const spooled = (await documentOf(id)).spool?.id;
  const fence = await erasures.raise(subjectOf(person));
  await erasures.command('purge', fence, { canaries: { message: id } });
  await erasures.erased(fence, 4);
  expect(await world.deferred()).toEqual([]);
  await eventually(() => expect(world.released).toEqual([spooled]));
});

test('after the fence is lifted the address starts fresh; mail from before is still cancelled', async () => {
  const { peer } = await scene.startWith();
  const fence = await erasures.raise(subjectOf(person));
  expect(await wireOf(erasures, fence)).toEqual(noWire);
  const during = await world.send({ to: [person] });
  await isCancelled(during, 0);
  const before = Date.now() - 60_000;
  await erasures.lift(fence, before);
  const old = await world.send({ to: [person], at: before - 1_000 });
  const fresh = await world.send({ to: [person] });
  await scene.delivered(fresh);
  await isCancelled(old, 0);
  expect(peer.received).toHaveLength(1);
});
