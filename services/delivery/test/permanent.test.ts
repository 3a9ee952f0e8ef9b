import { attemptRecord, dayKeyId, finalRevision } from '@mysmtp/contracts';
import { sealJson } from '@mysmtp/seal';
import { eventually, startPeer, type PeerScript } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startService } from './service.ts';
import type { DeliveryConfig } from '../src/config.ts';
import { openedBy } from '../src/core/state.ts';
import type { DeferredDocument } from '../src/deferred/document.ts';
import { newDocument } from './documents.ts';
import { newMail, plainMessage } from './mail.ts';
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

const refusing = (address: string) => ({
  onRcpt: (to: string) =>
    to === address ? { code: 550, text: `5.1.1 No such user: ${to} at all` } : ('accept' as const),
});

const allDone = () =>
  eventually(async () => expect((await world.open()).map(({ _id }) => _id)).toEqual([]));

test('a refused recipient bounces, the others get the mail, and the sender gets one DSN with the complete reply', async () => {
  const { peer, service } = await startWith(refusing('nobody@b.test'));
  const id = await world.send({ to: ['one@a.test', 'nobody@b.test', 'two@a.test'] });
  await eventually(() => expect(peer.received).toHaveLength(2), { timeout: 20_000 });
  await allDone();
  const [mail, dsn] = peer.received;
  expect(mail?.to).toEqual(['one@a.test', 'two@a.test']);
  expect(dsn?.from).toBe('');
  expect(dsn?.to).toEqual(['hello@demo.example.org']);
  const text = dsn?.raw.toString() ?? '';
  expect(text).toContain('From: Mail delivery system <postmaster@bounces.relay.test>');
  expect(text).toContain('Reporting-MTA: dns; mail.relay.test');
  expect(text).toContain('Final-Recipient: rfc822; nobody@b.test');
  expect(text).toContain('Action: failed');
  expect(text).toContain('Status: 5.1.1');
  expect(text.replaceAll(/\r\n +/g, ' ')).toContain('550 5.1.1 No such user: nobody@b.test at all');
  // The DSN has the original header, no body, and no other recipient.
  expect(text).toContain('Subject: Test');
  expect(text).not.toContain('a line that starts with a dot');
  expect(text).not.toContain('two@a.test');

  const byPlace = world.eventsOf(id).toSorted((a, b) => a.n - b.n);
  expect(byPlace.map(({ status }) => status)).toEqual(['delivered', 'bounced', 'delivered']);
  const [, bounced] = byPlace;
  if (bounced === undefined) throw new Error('no event');
  expect(world.attemptsOf(bounced)[0]?.reply).toBe('550 5.1.1 No such user: <address> at all');
  expect(await service.metric('mysmtp_delivery_dsns_total', { outcome: 'made' })).toBe(1);
  // The DSN is not the customer's message and not in the usage log.
  expect(new Set(world.events.map((event) => event.id)).size).toBe(1);
});

test('no DSN is sent to the null reverse-path', async () => {
  const { peer, service } = await startWith(refusing('nobody@b.test'));
  const id = await world.send({ from: '', to: ['nobody@b.test'] });
  await eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('bounced'));
  await allDone();
  expect(peer.attempted).toEqual([]);
  const dropped = { outcome: 'null_sender' };
  expect(await service.metric('mysmtp_delivery_dsns_total', dropped)).toBe(1);
});

test('a DSN that cannot be delivered is dropped and counted, and causes no other DSN', async () => {
  const { peer, service } = await startWith({
    onRcpt: () => ({ code: 550, text: '5.7.1 Go away' }),
  });
  const id = await world.send();
  await eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('bounced'));
  await eventually(async () => {
    const dropped = { outcome: 'undeliverable' };
    expect(await service.metric('mysmtp_delivery_dsns_total', dropped)).toBe(1);
  });
  await allDone();
  expect(peer.attempted).toEqual([]);
  expect(await service.metric('mysmtp_delivery_dsns_total', { outcome: 'made' })).toBe(1);
});

test.each<[string, PeerScript]>([
  ['MAIL FROM', { onMail: (from) => (from === '' ? 'accept' : { code: 550, text: '5.7.1 No' }) }],
  [
    'the final dot',
    { onData: ({ from }) => (from === '' ? 'accept' : { code: 554, text: '5.7.1 No' }) },
  ],
])('5xx to %s bounces for all recipients, with one DSN', async (_name, script) => {
  const { peer } = await startWith(script);
  const id = await world.send({ to: ['one@a.test', 'two@a.test'] });
  await eventually(() => expect(peer.received).toHaveLength(1), { timeout: 20_000 });
  await allDone();
  expect(world.eventsOf(id).map(({ status }) => status)).toEqual(['bounced', 'bounced']);
  const text = peer.received[0]?.raw.toString() ?? '';
  expect(text.match(/Final-Recipient/g)).toHaveLength(2);
  expect(text).toContain('Status: 5.7.1');
});

test('some deferred and one refused: the DSN is sent at once, the rest waits, and no event is repeated', async () => {
  let greylist = true;
  const { peer, service } = await startWith({
    onRcpt: (to) => {
      if (to === 'nobody@b.test') return { code: 550, text: '5.1.1 Unknown' };
      return to === 'later@a.test' && greylist ? { code: 451, text: '4.7.1 Later' } : 'accept';
    },
  });
  const id = await world.send({ to: ['now@a.test', 'later@a.test', 'nobody@b.test'] });
  await eventually(() => expect(peer.received).toHaveLength(2), { timeout: 20_000 });
  const statusOf = (n: number) =>
    world
      .eventsOf(id)
      .filter((event) => event.n === n)
      .toSorted((a, b) => a.rev - b.rev)
      .at(-1)?.status;
  await eventually(() =>
    expect([0, 1, 2].map(statusOf)).toEqual(['delivered', 'deferred', 'bounced']),
  );
  // The DSN is not on the wire any more. A moved clock would break its connection.
  await eventually(async () => expect((await world.open()).map(({ _id }) => _id)).toEqual([id]));
  greylist = false;
  service.clock.ahead += 360_000;
  await eventually(() => expect(statusOf(1)).toBe('delivered'));
  await allDone();
  expect(peer.received).toHaveLength(3);
  expect(peer.received.filter(({ from }) => from === '')).toHaveLength(1);
});

test('after five days of 4xx a message expires with one DSN', async () => {
  // Few and long delays: their growth is tested in rules.unit.test.ts.
  const waits = { retryFirst: 20 * 3_600_000, retryMax: 40 * 3_600_000 };
  const { peer, service } = await startWith(
    {
      onRcpt: (to) =>
        to === 'hello@demo.example.org' ? 'accept' : { code: 451, text: '4.7.1 Never today' },
    },
    waits,
  );
  const id = await world.send();
  const newest = () => world.eventsOf(id).at(-1);
  let states = 1;
  await eventually(() => expect(world.eventsOf(id)).toHaveLength(states));
  while (newest()?.status === 'deferred') {
    service.clock.ahead += (newest()?.nextAttemptAt ?? 0) - service.clock.now() + 2_000;
    states += 1;
    await eventually(() => expect(world.eventsOf(id)).toHaveLength(states));
  }
  const last = newest();
  if (last === undefined) throw new Error('no event');
  expect(last.status).toBe('expired');
  expect(service.clock.ahead / 86_400_000).toBeCloseTo(5, 1);
  expect(world.attemptsOf(last)).toHaveLength(states - 1);
  await allDone();
  expect(peer.received).toHaveLength(1);
  const text = peer.received[0]?.raw.toString() ?? '';
  expect(text).toContain('Status: 5.4.7');
  expect(text).toContain('4.7.1 Never today');
});

test('after a crash between outcome and DSN the sender gets one DSN, made from the stored attempt', async () => {
  const peer = await startPeer();
  cleanup.defer(peer.close);
  const { document } = bouncedDocument(world);
  await world.connection.collection<DeferredDocument>('deferred').insertOne(document);
  const service = await startService(world, { smarthost: { host: '127.0.0.1', port: peer.port } });
  cleanup.defer(service.close);
  await eventually(() => expect(peer.received).toHaveLength(1), { timeout: 20_000 });
  await allDone();
  expect(world.eventsOf(document._id).map(({ status }) => status)).toEqual(['bounced']);
  expect(peer.received[0]?.raw.toString()).toContain('550 5.1.1 Unknown <address>');
});

test('after a crash between creating a DSN and recording it the DSN is not created again', async () => {
  const peer = await startPeer();
  cleanup.defer(peer.close);
  const { document: bounced, dsn, dsnDocument } = bouncedDocument(world);
  const recipients = bounced.recipients?.map((one) => ({ ...one, dsn: dsn.id })) ?? [];
  const document = { ...bounced, dsns: [dsn], recipients };
  const deferred = world.connection.collection<DeferredDocument>('deferred');
  await deferred.insertMany([document, dsnDocument]);
  const service = await startService(world, { smarthost: { host: '127.0.0.1', port: peer.port } });
  cleanup.defer(service.close);
  await allDone();
  expect(peer.received).toHaveLength(1);
  expect(peer.received[0]?.raw.toString()).toContain('the DSN');
  expect(await service.metric('mysmtp_delivery_dsns_total', { outcome: 'made' })).toBe(0);
});

test('the message is unchanged: no field added, none changed', async () => {
  const { peer } = await startWith({});
  await world.send();
  await eventually(() => expect(peer.received).toHaveLength(1));
  expect(peer.received[0]?.raw.toString()).toBe(plainMessage);
});

/** A refused message as it is in the deferred queue before its DSN. */
function bouncedDocument({ neighbours }: World) {
  const at = Date.now();
  const keyId = dayKeyId('events', at);
  const { content, headers, envelope } = newMail(neighbours, { tenant, to: ['nobody@b.test'] });
  const times = { acceptedAt: at, nextAt: at - 5_000, expiry: 86_400_000 };
  const opened = openedBy(envelope, at);
  const recipients = opened.recipients.map((one) => {
    const record = attemptRecord(headers.id, one.n, 0);
    const attempt = {
      at: new Date(at).toISOString(),
      site: 'mx.b.test',
      tlsVersion: null,
      reply: '550 5.1.1 Unknown <address>',
      enhancedCode: '5.1.1',
    };
    const key = neighbours.keyOf(tenant, keyId);
    const attempts = [sealJson(key, { tenant, keyId, record }, attempt)];
    return { ...one, status: 'bounced' as const, rev: finalRevision, attempts };
  });
  const document = newDocument(headers, content, times, { opened: { ...opened, recipients } });
  const made = newMail(neighbours, {
    tenant,
    from: '',
    to: ['hello@demo.example.org'],
    message: 'Subject: the DSN\r\n\r\n',
  });
  const dsn = { id: made.headers.id, content: made.content };
  const dsnDocument = newDocument({ ...made.headers, kind: 'dsn' }, made.content, times);
  return { document, dsn, dsnDocument };
}
