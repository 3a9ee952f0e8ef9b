import { openBroker, openConsumer, type Outcome } from '@mysmtp/broker';
import { dayOf, internalApis, queues } from '@mysmtp/contracts';
import { createServiceClient, openSignedCallTokens } from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import { eventually, proxyTo, startPeer } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { hasLeftBroker, lookIntoQueue, oldAfter, provenBy } from '../src/consumers/drained.ts';
import { createRecent } from '../src/consumers/recent.ts';
import { windowNoteModel } from '../src/consumers/window-note.ts';
import { readHeaders } from '../src/message/headers.ts';
import { startService } from './service.ts';
import { startWorld, type World } from './world.ts';

const minute = 60_000;
const day = 1_440 * minute;

let world: World;
let cleanup: AsyncDisposableStack;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  cleanup = new AsyncDisposableStack();
});
afterEach(async () => {
  await cleanup.disposeAsync();
  await world.connection.collection('windows').deleteMany({});
});

/** A delivery as far as the queue knows it, whose handlers hang until `release`. */
async function startTaking({ prefetch = 10, url = world.broker.url } = {}) {
  const clock = { ahead: 0, now: () => Date.now() + clock.ahead };
  const recent = createRecent(clock, oldAfter);
  const end = Promise.withResolvers<Outcome>();
  const broker = openBroker({
    url,
    service: 'delivery',
    log: createLogger('delivery', 'error', { write: () => undefined }),
  });
  cleanup.defer(broker.close);
  const queue = openConsumer(broker, {
    queue: queues.deliveryMail,
    prefetch,
    onBegin: recent.begin,
    handle: async ({ headers }) => recent.once(readHeaders(headers)?.id ?? '', () => end.promise),
  });
  cleanup.defer(async () => {
    end.resolve('ack');
    await queue.close();
  });
  await eventually(() => expect(queue.isUp()).toBe(true));
  const { connection } = world;
  const windows = connection.models['Window'] ?? windowNoteModel(connection);
  const look = lookIntoQueue({ windows, queue, recent, clock });
  return { clock, recent, look, release: () => end.resolve('ack'), windows };
}

type Taking = Awaited<ReturnType<typeof startTaking>>;

/** Quarter of an hour, with a look in each of its minutes. */
async function quarter(all: readonly Taking[]): Promise<void> {
  for (let n = 0; n < 15; n += 1) {
    for (const { clock, look } of all) {
      clock.ahead += minute;
      await look();
    }
  }
}

const threeDaysAgo = () => Date.now() - 3 * day;
const isSaidOfThreeDaysAgo = ({ windows }: Taking) => hasLeftBroker(windows, dayOf(threeDaysAgo()));

test('where all processes have held nothing old and nothing waited, a past day has left the broker', async () => {
  const all = [await startTaking(), await startTaking()];
  const [first] = all;
  if (first === undefined) throw new Error('unreachable');
  expect(await isSaidOfThreeDaysAgo(first)).toBe(false);
  await world.send();
  await quarter(all);
  expect(await isSaidOfThreeDaysAgo(first)).toBe(true);
  // Not of today: a submission may still be under way.
  expect(await hasLeftBroker(first.windows, dayOf(Date.now()))).toBe(false);
});

test('mail of the day in the window of one process, or waiting behind it, keeps all from saying so', async () => {
  const holding = await startTaking({ prefetch: 1 });
  await world.send({ at: threeDaysAgo() });
  await eventually(() => expect(holding.recent.size).toBe(1));
  const other = await startTaking({ prefetch: 1 });
  await quarter([holding, other]);
  expect(await world.broker.messagesReady(queues.deliveryMail.name)).toBe(0);
  expect(await isSaidOfThreeDaysAgo(other)).toBe(false);
  holding.release();
  await eventually(() => expect(holding.recent.size).toBe(0));
  await quarter([holding, other]);
  expect(await isSaidOfThreeDaysAgo(other)).toBe(true);
});

test('mail of the day that waits keeps everybody from saying so', async () => {
  const full = await startTaking({ prefetch: 1 });
  await world.send();
  await eventually(() => expect(full.recent.size).toBe(1));
  await world.send({ at: threeDaysAgo() });
  await quarter([full]);
  expect(await isSaidOfThreeDaysAgo(full)).toBe(false);
});

test('a process that takes from the queue and notes nothing down keeps all from saying so', async () => {
  const noting = await startTaking();
  await startTaking();
  await quarter([noting]);
  expect(await isSaidOfThreeDaysAgo(noting)).toBe(false);
});

test('a break in taking begins anew', async () => {
  const way = await proxyTo(world.broker.url);
  cleanup.defer(way.close);
  const broken = await startTaking({ url: way.url });
  await quarter([broken]);
  const { recent, clock } = broken;
  expect(clock.now() - recent.youngSince()).toBeGreaterThanOrEqual(15 * minute);
  way.cut();
  way.mend();
  await eventually(() => expect(clock.now() - recent.youngSince()).toBeLessThan(minute));
});

test('a sight of an empty queue proves something with notes of before and after it, one for each consumer', () => {
  const at = 100 * day;
  const note = (name: string, from: number, to: number) => ({
    _id: name,
    from: at + from * minute,
    to: at + to * minute,
  });
  const around = [note('a', -5, 5), note('b', -60, 60)];
  expect(provenBy([{ at, consumers: 2 }], around)).toBe(at - day);
  expect(provenBy([{ at, consumers: 3 }], around)).toBe(0);
  expect(provenBy([{ at, consumers: 0 }], around)).toBe(0);
  expect(provenBy([{ at, consumers: 1 }], [note('a', -4, 60)])).toBe(0);
  expect(provenBy([{ at, consumers: 1 }], [note('a', -60, 4)])).toBe(0);
  expect(provenBy([], around)).toBe(0);
});

test('privacy learns how much mail of a day is not delivered, and no 0 that nobody can know', async () => {
  const peer = await startPeer({ onRcpt: () => ({ code: 450, text: '4.7.1 Later' }) });
  cleanup.defer(peer.close);
  const service = await startService(world, { smarthost: { host: '127.0.0.1', port: peer.port } });
  cleanup.defer(service.close);
  const now = Date.now();
  const ids = [await world.send(), await world.send(), await world.send({ at: now - day })];
  await eventually(() => expect(ids.every((id) => world.eventsOf(id).length === 1)).toBe(true));
  const client = createServiceClient({
    service: 'delivery',
    baseUrl: service.internalUrl,
    tokens: await openSignedCallTokens('privacy', world.neighbours.serviceKeys.keyFile('privacy')),
  });
  const count = async (at: number) =>
    (await client.call(internalApis.undeliveredMail, { day: dayOf(at) })).count;
  expect(await count(now)).toBe(2);
  expect(await count(now - day)).toBe(1);
  await expect(count(now - 2 * day)).rejects.toMatchObject({ status: 503 });

  const drainedUntil = Date.parse(dayOf(now - day));
  const proven = { _id: 'a process' as never, from: now, to: now, drainedUntil };
  await world.connection.collection('windows').insertOne(proven);
  expect(await count(now - 2 * day)).toBe(0);
  expect(await count(now - day)).toBe(1);
});
