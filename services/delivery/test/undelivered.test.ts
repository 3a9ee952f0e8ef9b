import { openBroker, openConsumer, type Outcome } from '@mysmtp/broker';
import { dayOf, internalApis, queues, type InHand } from '@mysmtp/contracts';
import { createServiceClient, openSignedCallTokens } from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import { eventually, proxyTo, startPeer } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { oldAfter, provenBy, watchDrain } from '../src/handling/drained.ts';
import { createRecent } from '../src/consumers/recent.ts';
import { readHeaders } from '../src/message/headers.ts';
import { startService } from './service.ts';
import { startWorld, type World } from './world.ts';

const minute = 60_000;
const day = 1_440 * minute;

let world: World;
let cleanup: AsyncDisposableStack;
/** What processes say of the mail in their hands. */
let saying: (() => InHand)[];
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  cleanup = new AsyncDisposableStack();
  saying = [];
});
afterEach(() => cleanup.disposeAsync());

/** A delivery as far as the queue knows it, whose handlers hang until `release`; `isMute`: it says nothing. */
async function startTaking({ prefetch = 10, url = world.broker.url, isMute = false } = {}) {
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
  if (!isMute) saying.push(() => ({ at: clock.now(), youngSince: recent.youngSince() }));
  const drain = watchDrain(() => saying.map((say) => say()), clock);
  const look = () => drain.look(queue);
  const { hasLeftBroker } = drain;
  return { clock, recent, look, release: () => end.resolve('ack'), hasLeftBroker };
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
const isSaidOfThreeDaysAgo = ({ hasLeftBroker }: Taking) => hasLeftBroker(dayOf(threeDaysAgo()));

test('where all processes have held nothing old and nothing waited, a past day has left the broker', async () => {
  const all = [await startTaking(), await startTaking()];
  const [first] = all;
  if (first === undefined) throw new Error('unreachable');
  expect(isSaidOfThreeDaysAgo(first)).toBe(false);
  await world.send();
  await quarter(all);
  expect(isSaidOfThreeDaysAgo(first)).toBe(true);
  // Not of today: a submission may still be under way.
  expect(first.hasLeftBroker(dayOf(Date.now()))).toBe(false);
});

test('mail of the day in the window of one process, or waiting behind it, keeps all from saying so', async () => {
  const holding = await startTaking({ prefetch: 1 });
  await world.send({ at: threeDaysAgo() });
  await eventually(() => expect(holding.recent.size).toBe(1));
  const other = await startTaking({ prefetch: 1 });
  await quarter([holding, other]);
  expect(await world.broker.messagesReady(queues.deliveryMail.name)).toBe(0);
  expect(isSaidOfThreeDaysAgo(other)).toBe(false);
  holding.release();
  await eventually(() => expect(holding.recent.size).toBe(0));
  await quarter([holding, other]);
  expect(isSaidOfThreeDaysAgo(other)).toBe(true);
});

test('mail of the day that waits keeps everybody from saying so', async () => {
  const full = await startTaking({ prefetch: 1 });
  await world.send();
  await eventually(() => expect(full.recent.size).toBe(1));
  await world.send({ at: threeDaysAgo() });
  await quarter([full]);
  expect(isSaidOfThreeDaysAgo(full)).toBe(false);
});

test('a process that takes from the queue and says nothing keeps all from saying so', async () => {
  const saying = await startTaking();
  await startTaking({ isMute: true });
  await quarter([saying]);
  expect(isSaidOfThreeDaysAgo(saying)).toBe(false);
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

test('a sight of an empty queue is proven by what processes say of before and after it, one for each consumer', () => {
  const at = 100 * day;
  const young = (from: number, to: number): InHand => ({
    youngSince: at + from * minute,
    at: at + to * minute,
  });
  const around = [young(-5, 5), young(-60, 60)];
  expect(provenBy([{ at, consumers: 2 }], around)).toBe(at - day);
  expect(provenBy([{ at, consumers: 3 }], around)).toBe(0);
  expect(provenBy([{ at, consumers: 0 }], around)).toBe(0);
  expect(provenBy([{ at, consumers: 1 }], [young(-4, 60)])).toBe(0);
  expect(provenBy([{ at, consumers: 1 }], [young(-60, 4)])).toBe(0);
  expect(provenBy([], around)).toBe(0);
});

test('privacy learns how much mail of a day is not delivered, and no 0 that nobody can know', async () => {
  const peer = await startPeer({ onRcpt: () => ({ code: 450, text: '4.7.1 Later' }) });
  cleanup.defer(peer.close);
  const now = Date.now();
  const smarthost = { host: '127.0.0.1', port: peer.port };
  // Seconds before the next full minute, at which the job looks.
  const ahead = minute - 10_000 - (now % minute);
  const service = await startService(world, { smarthost }, { ahead });
  cleanup.defer(service.close);
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

  // Minutes pass with each look, while heartbeats are sent as ever.
  let time = Math.ceil(service.clock.now() / minute) * minute - 100;
  service.clock.now = () => time;
  await eventually(
    async () => {
      time += minute;
      expect(await count(now - 2 * day)).toBe(0);
    },
    { every: 100, timeout: 20_000 },
  );
  expect(await count(now - day)).toBe(1);
});
