import { openBroker, openConsumer, type Outcome } from '@mysmtp/broker';
import { dayOf, internalApis, queues, type InFlightReport } from '@mysmtp/contracts';
import { createServiceClient, openSignedCallTokens } from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import { eventually, proxyTo, startPeer } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { oldAfter, drainedUntilBy, watchDrain } from '../src/handling/queue-drain.ts';
import { createInFlightMessages } from '../src/consumers/in-flight.ts';
import { readHeaders } from '../src/message/message.ts';
import { startService } from './service.ts';
import { startWorld, type World } from './world.ts';

const minute = 60_000;
const day = 1_440 * minute;

let world: World;
let cleanup: AsyncDisposableStack;
/** The statements of processes about their mail in flight. */
let saying: (() => InFlightReport)[];
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  cleanup = new AsyncDisposableStack();
  saying = [];
});
afterEach(() => cleanup.disposeAsync());

/** A fake delivery whose handlers hang until `release`; `isMute`: it sends no statement. */
async function startTaking({ prefetch = 10, url = world.broker.url, isMute = false } = {}) {
  const clock = { ahead: 0, now: () => Date.now() + clock.ahead };
  const inFlight = createInFlightMessages(clock, oldAfter);
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
    onBegin: inFlight.begin,
    handle: async ({ headers }) =>
      inFlight.deduplicate(readHeaders(headers)?.id ?? '', () => end.promise),
  });
  cleanup.defer(async () => {
    end.resolve('ack');
    await queue.close();
  });
  await eventually(() => expect(queue.isUp()).toBe(true));
  if (!isMute) saying.push(() => ({ at: clock.now(), youngSince: inFlight.youngSince() }));
  const drain = watchDrain(() => saying.map((say) => say()), clock);
  const look = () => drain.look(queue);
  const { hasLeftBroker } = drain;
  return { clock, recent: inFlight, look, release: () => end.resolve('ack'), hasLeftBroker };
}

type Taking = Awaited<ReturnType<typeof startTaking>>;

/** A quarter of an hour, with a check in each minute. */
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

test('if all processes held nothing old and nothing waited, a past day has left the broker', async () => {
  const all = [await startTaking(), await startTaking()];
  const [first] = all;
  if (first === undefined) throw new Error('unreachable');
  expect(isSaidOfThreeDaysAgo(first)).toBe(false);
  await world.send();
  await quarter(all);
  expect(isSaidOfThreeDaysAgo(first)).toBe(true);
  // Not today: a submission may still be running.
  expect(first.hasLeftBroker(dayOf(Date.now()))).toBe(false);
});

test('mail of the day in flight in one process, or waiting behind it, prevents the proof in all processes', async () => {
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

test('waiting mail of the day prevents the proof in all processes', async () => {
  const full = await startTaking({ prefetch: 1 });
  await world.send();
  await eventually(() => expect(full.recent.size).toBe(1));
  await world.send({ at: threeDaysAgo() });
  await quarter([full]);
  expect(isSaidOfThreeDaysAgo(full)).toBe(false);
});

test('a process that consumes and sends no statement prevents the proof in all processes', async () => {
  const saying = await startTaking();
  await startTaking({ isMute: true });
  await quarter([saying]);
  expect(isSaidOfThreeDaysAgo(saying)).toBe(false);
});

test('a break in consuming restarts the proof', async () => {
  const way = await proxyTo(world.broker.url);
  cleanup.defer(way.close);
  const broken = await startTaking({ url: way.url });
  await quarter([broken]);
  const { recent: inFlight, clock } = broken;
  expect(clock.now() - inFlight.youngSince()).toBeGreaterThanOrEqual(15 * minute);
  way.cut();
  way.mend();
  await eventually(() => expect(clock.now() - inFlight.youngSince()).toBeLessThan(minute));
});

test('an observation of an empty queue is proven by one statement per consumer about the time before and after it', () => {
  const at = 100 * day;
  const young = (from: number, to: number): InFlightReport => ({
    youngSince: at + from * minute,
    at: at + to * minute,
  });
  const around = [young(-5, 5), young(-60, 60)];
  expect(drainedUntilBy([{ at, consumers: 2 }], around)).toBe(at - day);
  expect(drainedUntilBy([{ at, consumers: 3 }], around)).toBe(0);
  expect(drainedUntilBy([{ at, consumers: 0 }], around)).toBe(0);
  expect(drainedUntilBy([{ at, consumers: 1 }], [young(-4, 60)])).toBe(0);
  expect(drainedUntilBy([{ at, consumers: 1 }], [young(-60, 4)])).toBe(0);
  expect(drainedUntilBy([], around)).toBe(0);
});

test('privacy gets the number of undelivered messages of a day, and 0 only if it is proven', async () => {
  const peer = await startPeer({ onRcpt: () => ({ code: 450, text: '4.7.1 Later' }) });
  cleanup.defer(peer.close);
  const now = Date.now();
  const smarthost = { host: '127.0.0.1', port: peer.port };
  // Seconds before the next full minute, when the job runs.
  const ahead = minute - 10_000 - (now % minute);
  const service = await startService(world, { smarthost }, { ahead });
  cleanup.defer(service.close);
  const ids: string[] = [];
  for (const at of [now, now, now - day]) ids.push(await world.send({ at }));
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

  // Minutes pass with each check, while heartbeats are sent normally.
  let time = Math.ceil(service.clock.now() / minute) * minute - 100;
  service.clock.now = () => time;
  await eventually(
    async () => {
      time += minute;
      expect(await count(now - 2 * day)).toBe(0);
    },
    { every: 100, timeout: 60_000 },
  );
  expect(await count(now - day)).toBe(1);
}, 90_000);
