import { eventually, freePort, startPeer, type Behaviour, type PeerScript } from '@mysmtp/test-kit';
import { domainIndex } from '@mysmtp/seal';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeliveryConfig } from '../src/config.ts';
import { startService, type Service } from './service.ts';
import { startWorld, tenant, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

let cleanup: AsyncDisposableStack;
beforeEach(() => {
  cleanup = new AsyncDisposableStack();
});
afterEach(() => cleanup.disposeAsync());

async function startWith(script: PeerScript, config: Partial<DeliveryConfig> = {}) {
  const peer = await startPeer(script);
  cleanup.defer(peer.close);
  const smarthost = { host: '127.0.0.1', port: peer.port };
  const service = await startService(world, { smarthost, ...config });
  cleanup.defer(service.close);
  return { peer, service };
}

/** Refuses once, then accepts. */
function once(refusal: Behaviour): () => Behaviour {
  let refused = false;
  return () => {
    if (refused) return 'accept';
    refused = true;
    return refusal;
  };
}

const greylisted = { code: 450, text: '4.7.1 Greylisted, someone@a.test, try again' };
const minute = 60_000;

async function deferredThenDelivered(service: Service, id: string): Promise<void> {
  await eventually(() => expect(world.eventsOf(id).at(0)?.status).toBe('deferred'));
  const [document] = (await world.open()).filter(({ _id }) => _id === id);
  expect(document).toMatchObject({
    state: 'ready',
    unfinishedHandlings: 0,
    recipients: [{ tries: 1 }],
  });
  service.clock.ahead += 6 * minute;
  await eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('delivered'));
  await eventually(async () => {
    const [left] = (await world.deferred()).filter(({ _id }) => _id === id);
    expect(Object.keys(left ?? {}).toSorted()).toEqual(['_id', 'bucket', 'state']);
    expect(left?.state).toBe('finished');
  });
}

/** The events come before the tombstones are written. */
const allFinished = () =>
  eventually(async () => {
    const states = (await world.deferred()).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(['finished']));
  });

test('a greylisted message is deferred for five minutes and then delivered', async () => {
  const { peer, service } = await startWith({ onRcpt: once(greylisted) });
  const before = Date.now();
  const id = await world.send();
  await eventually(() => expect(world.eventsOf(id)).toHaveLength(1));
  const [deferred] = world.eventsOf(id);
  expect(deferred).toMatchObject({ status: 'deferred', rev: 1 });
  const wait = (deferred?.nextAttemptAt ?? 0) - before;
  expect(wait).toBeGreaterThanOrEqual(5 * minute);
  expect(wait).toBeLessThan(5.6 * minute);
  await deferredThenDelivered(service, id);
  expect(peer.received).toHaveLength(1);
  const final = world.eventsOf(id).at(-1);
  if (final === undefined) throw new Error('no event');
  const attempts = world.attemptsOf(final);
  expect(attempts.map(({ enhancedCode }) => enhancedCode)).toEqual(['4.7.1', null]);
  // The address in the remote server's reply is not kept.
  expect(attempts[0]?.reply).toBe('450 4.7.1 Greylisted, <address>, try again');
  // Its delay is counted apart from mail that is accepted at once.
  const delivered = (status: string) =>
    service.metric('mysmtp_delivery_seconds', { status, le: '+Inf' });
  expect([await delivered('accepted'), await delivered('deferred')]).toEqual([0, 1]);
});

test('the events before and after a deferral have everything by which the usage log finds a message', async () => {
  const { service } = await startWith({ onRcpt: once(greylisted) });
  const found = { credential: 'credential-1', tagIndexes: ['tag-1', 'tag-2'] };
  const id = await world.send({ ...found, to: ['one@a.test'] });
  await deferredThenDelivered(service, id);
  const key = world.neighbours.keyOf(tenant, 'index');
  const expected = {
    ...found,
    senderDomainIndex: domainIndex(key, 'demo.example.org'),
    recipientDomainIndex: domainIndex(key, 'a.test'),
  };
  const [deferred, delivered] = world.eventsOf(id);
  expect(deferred).toMatchObject({
    ...expected,
    status: 'deferred',
    lastReply: '4xx',
    siteClass: 'smarthost',
  });
  expect(delivered).toMatchObject({ ...expected, status: 'delivered', lastReply: '2xx' });
});

test.each<[string, PeerScript, Partial<DeliveryConfig>?]>([
  ['421 in the greeting', { onConnect: once({ code: 421, text: '4.3.2 Not now' }) }],
  ['451 to MAIL FROM', { onMail: once({ code: 451, text: '4.3.0 Not now' }) }],
  ['421 to RCPT TO', { onRcpt: once({ code: 421, text: '4.7.0 Closing' }) }],
  ['452 after the final dot', { onData: once({ code: 452, text: '4.3.1 Full' }) }],
  ['a reset at MAIL FROM', { onMail: once('reset') }],
  ['a reset after the final dot', { onData: once('reset') }],
  ['no answer to RCPT TO', { onRcpt: once('hang') }, { commandTimeout: 2_000 }],
])('%s defers, and the next attempt delivers', async (_name, script, config) => {
  const { peer, service } = await startWith(script, config);
  await deferredThenDelivered(service, await world.send());
  expect(peer.received).toHaveLength(1);
});

test('a connection lost after the final dot is counted: the receiver may have the message', async () => {
  const { service } = await startWith({ onData: once('reset') });
  const id = await world.send();
  await deferredThenDelivered(service, id);
  expect(await service.metric('mysmtp_delivery_duplicates_possible_total')).toBe(1);
});

test('a dead site is detected once and its mail is deferred without another dial', async () => {
  const port = await freePort();
  const service = await startService(world, { smarthost: { host: '127.0.0.1', port } });
  cleanup.defer(service.close);
  const first = await world.send();
  await eventually(() => expect(world.eventsOf(first)).toHaveLength(1));
  const late = await startPeer({ port });
  cleanup.defer(late.close);
  const more = await Promise.all(Array.from({ length: 20 }, () => world.send()));
  await eventually(() => expect(more.every((id) => world.eventsOf(id).length === 1)).toBe(true));
  expect(late.connections()).toBe(0);
  const [event] = world.eventsOf(first);
  if (event === undefined) throw new Error('no event');
  expect(world.attemptsOf(event)).toMatchObject([
    { site: null, reply: 'No connection: refused', enhancedCode: '4.4.1' },
  ]);
  // The site is dialled again half a minute later. After its first try the mail waits only for this.
  service.clock.ahead += 2 * minute;
  await eventually(() => expect(late.received).toHaveLength(21));
  // The peer has a message before delivery has its reply. No mail is left for the next test.
  await allFinished();
});

test('a redelivered message continues with its state in the deferred queue', async () => {
  const { service } = await startWith({ onRcpt: once(greylisted) });
  const id = await world.send();
  await deferredThenDelivered(service, id);
  await allFinished();
  const before = await world.deferred();
  await service.close();
  await world.sendAgain(id);
  await world.redeliver(1);
  const { peer, service: next } = await startWith({});
  const other = await world.send();
  await eventually(() => expect(world.eventsOf(other)).toHaveLength(1));
  await next.close();
  expect(peer.received).toHaveLength(1);
  expect(await world.deferred()).toEqual(before);
});

test('a redelivered message without a stored state is delivered from the deferred queue', async () => {
  const id = await world.send();
  await world.redeliver(1);
  const { peer } = await startWith({});
  await eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('delivered'));
  await eventually(async () => {
    const [left] = (await world.deferred()).filter(({ _id }) => _id === id);
    expect(left?.state).toBe('finished');
  });
  expect(peer.received.map(({ to }) => to)).toContainEqual(['someone@a.test']);
});
