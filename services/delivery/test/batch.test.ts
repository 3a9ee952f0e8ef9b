import { queues } from '@mysmtp/contracts';
import { packBatch } from '@mysmtp/mail';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startHoldingServer } from './holding-server.ts';
import { newMail } from './mail.ts';
import { openStage, type Stage } from './stage.ts';
import { startWorld, tenant, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

let stage: Stage;
beforeEach(() => {
  stage = openStage(world);
});
afterEach(async () => {
  await stage.cleanup.disposeAsync();
  await world.connection.collection('deferred').deleteMany({});
});

const to = (...addresses: string[]) => addresses.map((address) => ({ to: [address] }));
const statusOf = (id: string) => world.eventsOf(id).at(-1)?.status;
test('each message of a batch has its own outcome', async () => {
  const { peer } = await stage.startWith({
    onRcpt: (address) => {
      if (address === 'no@a.test') return { code: 550, text: '5.1.1 No' };
      return address === 'later@a.test' ? { code: 451, text: '4.7.1 Later' } : 'accept';
    },
  });
  const ids = await world.sendBatch(to('a@a.test', 'no@a.test', 'later@a.test', 'b@a.test'));
  await eventually(() =>
    expect(ids.map(statusOf)).toEqual(['delivered', 'bounced', 'deferred', 'delivered']),
  );
  await eventually(() =>
    expect(peer.received.flatMap((one) => one.to).toSorted()).toEqual([
      'a@a.test',
      'b@a.test',
      'hello@demo.example.org',
    ]),
  );
  const waiting = (await world.deferred()).filter(({ _id }) => ids.includes(_id));
  expect(waiting.map(({ _id, state }) => [_id, state])).toContainEqual([ids[2], 'ready']);
  for (const id of ids) expect(world.eventsOf(id)).toHaveLength(1);
});

test('an unreadable message of a batch is held alone, and a batch that cannot be read is held as one', async () => {
  const { service } = await stage.startWith();
  const [good, bad] = [
    newMail(world.neighbours, { tenant }),
    newMail(world.neighbours, { tenant }),
  ];
  const content = packBatch([
    { ...good, content: [good.content] },
    { ...bad, content: [Buffer.from('not sealed')] },
  ]);
  await world.publishRaw(content, { v: 1, messages: 2 });
  await world.publishRaw(content.subarray(0, content.length - 3), { v: 1, messages: 2 });
  await eventually(() => expect(statusOf(good.headers.id)).toBe('delivered'));
  await eventually(() => expect(service.logged('mail.held')).toHaveLength(2));
  const held = await world.open();
  expect(held.map(({ _id, state }) => [_id, state])).toEqual([
    [bad.headers.id, 'held'],
    [expect.stringMatching(/^unreadable-/), 'held'],
  ]);
});

test('no more messages than the window are handled at once, whatever they come in', async () => {
  const server = await startHoldingServer();
  stage.cleanup.defer(server.close);
  const service = await stage.startAt(server.port, { window: 2, finalReplyTimeout: 60_000 });
  const ids = await world.sendBatch(to('a@a.test', 'b@a.test', 'c@a.test', 'd@a.test', 'e@a.test'));
  await eventually(() => expect(server.waiting()).toBe(2));
  expect(await service.metric('mysmtp_delivery_window_messages')).toBe(5);
  for (const taken of [2, 4]) {
    server.answer('250 2.0.0 taken');
    await eventually(() => expect(server.waiting()).toBe(taken === 2 ? 2 : 1));
    expect(server.commands.filter((line) => line.startsWith('MAIL')).length).toBe(
      Math.min(taken + 2, 5),
    );
  }
  server.answer('250 2.0.0 taken');
  await eventually(() => expect(ids.map(statusOf)).toEqual(ids.map(() => 'delivered')));
});

test('a stop leaves what is not on the wire in the deferred queue if the batch was begun, else with the broker', async () => {
  const server = await startHoldingServer();
  stage.cleanup.defer(server.close);
  const stopping = await stage.startAt(server.port, {
    siteConnections: 1,
    finalReplyTimeout: 60_000,
  });
  const [one, two] = [
    ['a@a.test', 'b@a.test', 'c@a.test'],
    ['d@a.test', 'e@a.test'],
  ];
  const ids = new Map<string, string>();
  for (const addresses of [one, two]) {
    const sent = await world.sendBatch(to(...addresses));
    for (const [n, address] of addresses.entries()) ids.set(address, sent[n] ?? '');
  }
  await eventually(() => expect(server.waiting()).toBe(1));
  await eventually(async () =>
    expect(await stopping.metric('mysmtp_delivery_window_messages')).toBe(5),
  );
  // The one that was opened first, of either batch.
  const onWire = [...ids.keys()].find((address) =>
    server.commands.includes(`RCPT TO:<${address}>`),
  );
  const [begun, untouched] = one.includes(onWire ?? '') ? [one, two] : [two, one];
  const others = begun.filter((address) => address !== onWire);
  const closed = stopping.close();
  await eventually(async () =>
    expect(await stopping.metric('mysmtp_delivery_window_messages')).toBe(1),
  );
  server.answer('250 2.0.0 taken');
  await closed;
  await eventually(() => expect(statusOf(ids.get(onWire ?? '') ?? '')).toBe('delivered'));
  expect((await world.open()).map(({ _id, state }) => [_id, state])).toEqual(
    others
      .map((address) => [ids.get(address), 'ready'])
      .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  );
  // The broker takes it back a moment after the connection has ended.
  await eventually(async () =>
    expect(await world.broker.messagesReady(queues.deliveryMail.name)).toBe(1),
  );
  const { peer } = await stage.startWith();
  const left = [...others, ...untouched];
  await eventually(() =>
    expect(left.map((address) => statusOf(ids.get(address) ?? ''))).toEqual(
      left.map(() => 'delivered'),
    ),
  );
  expect(peer.received.flatMap(({ to: whom }) => whom).toSorted()).toEqual(left.toSorted());
});
