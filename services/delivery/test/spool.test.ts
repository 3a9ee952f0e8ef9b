import { randomBytes } from 'node:crypto';
import { eventually, startPeer, type PeerScript } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { plainMessage, sha256 } from './mail.ts';
import { startService } from './service.ts';
import { domain, startWorld, type World } from './world.ts';

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

async function startWith(script: PeerScript = {}) {
  const peer = await startPeer(script);
  cleanup.defer(peer.close);
  const service = await startService(world, { smarthost: { host: '127.0.0.1', port: peer.port } });
  cleanup.defer(service.close);
  return { peer, service };
}

function large(octets: number): Buffer {
  const line = `${randomBytes(36).toString('base64')}\r\n`;
  const lines = Math.ceil(octets / line.length);
  // Some lines start with a dot; the peer takes a turn of the event loop for each of those.
  const body = Array.from(
    { length: lines },
    (_, n) => `${n % 50 === 0 ? '.' : ''}${randomBytes(36).toString('base64')}\r\n`,
  );
  return Buffer.from(plainMessage + body.join(''));
}

test('a spooled message is streamed from ingress, octet for octet, and released once it is delivered', async () => {
  const { peer } = await startWith();
  const message = large(2 * 1024 * 1024);
  const id = await world.send({ message, spooled: true });
  await eventually(() => expect(world.eventsOf(id)).toHaveLength(1), { timeout: 30_000 });
  expect(sha256(peer.received[0]?.raw ?? Buffer.alloc(0))).toBe(sha256(message));
  await eventually(() => expect(world.released).toEqual([...world.neighbours.spool.keys()]));
  expect(await world.deferred()).toEqual([]);
});

test('a spooled message is signed with the body hash from its acceptance', async () => {
  const { peer } = await startWith();
  const message = large(600_000);
  await world.send({ message, spooled: true, signAs: domain.id });
  await eventually(() => expect(peer.received).toHaveLength(1), { timeout: 30_000 });
  const raw = peer.received[0]?.raw ?? Buffer.alloc(0);
  expect(raw.toString('latin1', 0, 20)).toBe('DKIM-Signature: v=1;');
  expect(sha256(raw.subarray(-message.length))).toBe(sha256(message));
});

test('while ingress is unreachable the message waits without an attempt, and is not released', async () => {
  const { peer, service } = await startWith();
  world.neighbours.away.add('ingress');
  const before = world.released.length;
  const id = await world.send({ message: large(300_000), spooled: true });
  await eventually(async () => expect((await world.open()).map(({ _id }) => _id)).toEqual([id]));
  const [document] = await world.open();
  expect(document).toMatchObject({
    recipients: [{ tries: 0 }],
    unfinishedHandlings: 0,
    state: 'ready',
  });
  expect(world.eventsOf(id)).toEqual([]);
  expect(peer.received).toEqual([]);
  world.neighbours.away.delete('ingress');
  expect(world.released).toHaveLength(before);
  service.clock.ahead += 120_000;
  await eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('delivered'), {
    timeout: 30_000,
  });
  await eventually(() => expect(world.released).toHaveLength(before + 1));
  const final = world.eventsOf(id).at(-1);
  expect(final === undefined ? [] : world.attemptsOf(final)).toHaveLength(1);
});

test('a message with a tampered chunk is never sent completely and counts as possibly poisonous', async () => {
  const { peer, service } = await startWith();
  const sending = world.send({ message: large(800_000), spooled: true });
  // The chunks are there, and the message is not published yet.
  const chunks = [...world.neighbours.spool.values()].at(-1) ?? [];
  // Reordered: each chunk is bound to its index.
  [chunks[0], chunks[1]] = [chunks[1] ?? Buffer.alloc(0), chunks[0] ?? Buffer.alloc(0)];
  const id = await sending;
  await eventually(async () => {
    const [document] = (await world.open()).filter(({ _id }) => _id === id);
    expect(document).toMatchObject({ unfinishedHandlings: 1 });
  });
  expect(peer.attempted).toEqual([]);
  expect(service.logged('mail.handling_failed')).toHaveLength(1);
});

test('the DSN about a spooled message has its header', async () => {
  const { peer } = await startWith({
    onRcpt: (to) => (to === 'hello@demo.example.org' ? 'accept' : { code: 550, text: '5.1.1 No' }),
  });
  const before = world.released.length;
  await world.send({ message: large(300_000), spooled: true });
  await eventually(() => expect(peer.received).toHaveLength(1), { timeout: 30_000 });
  expect(peer.received[0]?.raw.toString()).toContain('Subject: Test');
  await eventually(() => expect(world.released).toHaveLength(before + 1));
});
