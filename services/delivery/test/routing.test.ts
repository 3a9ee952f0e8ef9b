import { Resolver } from 'node:dns/promises';
import {
  eventually,
  startDnsServer,
  startPeer,
  type PeerScript,
  type Zone,
} from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeliveryConfig } from '../src/config.ts';
import { lookUp } from '../src/routing/lookup.ts';
import { createRouter } from '../src/routing/router.ts';
import { providerOf, siteOf } from '../src/routing/site.ts';
import { startService } from './service.ts';
import { startWorld, type World } from './world.ts';

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

async function resolverOf(zone: Zone) {
  const server = await startDnsServer(zone);
  cleanup.defer(server.close);
  const dns = new Resolver();
  dns.setServers([server.address]);
  return { dns, server };
}

test('a site is its set of MX hosts: two domains with the same hosts share it', async () => {
  const { dns } = await resolverOf({
    mx: {
      'a.test': ['10 mx1.host.test', '20 mx2.host.test'],
      'b.test': ['20 mx2.host.test', '10 MX1.host.test'],
      'c.test': ['10 mx2.host.test'],
    },
  });
  const router = createRouter({ dns, clock: { now: Date.now } });
  const recipients = ['x@a.test', 'y@B.test', 'z@c.test', 'x2@a.test'].map((address) => ({
    address,
    index: '',
    log: '',
  }));
  const groups = await router.group(recipients, recipients.keys());
  expect(groups.map(({ positions }) => positions)).toEqual([[0, 1, 3], [2]]);
});

test('without MX the domain itself is the host, if it has an address (RFC 5321 5.1)', async () => {
  const { dns } = await resolverOf({
    a: { 'a.test': ['192.0.2.1'] },
    aaaa: { 'six.test': ['2001:db8::1'] },
  });
  for (const domain of ['a.test', 'six.test']) {
    const route = await lookUp(dns, domain, 25);
    expect(route).toMatchObject({ site: { hosts: [{ exchange: domain, priority: 0 }] } });
  }
});

test('a name server that fails for one kind of address does not hide the other', async () => {
  const { dns } = await resolverOf({
    a: { 'a.test': ['192.0.2.1'] },
    aaaa: { 'six.test': ['2001:db8::1'] },
    failingFor: ['AAAA a.test', 'A six.test', 'AAAA gone.test'],
  });
  for (const domain of ['a.test', 'six.test']) {
    expect(await lookUp(dns, domain, 25)).toMatchObject({
      site: { hosts: [{ exchange: domain }] },
    });
  }
  // It is unknown whether the domain has an address.
  expect(await lookUp(dns, 'gone.test', 25)).toMatchObject({ failure: { kind: 'transient' } });
});

test.each([
  ['a null MX (RFC 7505)', 'null.test', 'permanent', '5.1.10'],
  ['an unknown domain', 'gone.test', 'permanent', '5.1.2'],
  ['no domain at all', '', 'permanent', '5.1.2'],
  ['an invalid address literal', '[192.0.2]', 'permanent', '5.1.2'],
  ['DNS that does not answer', 'failing.test', 'transient', '4.4.3'],
])('%s is a failure without a dial', async (_name, domain, kind, enhancedCode) => {
  const { dns } = await resolverOf({ mx: { 'null.test': ['0 .'] }, failing: ['failing.test'] });
  expect(await lookUp(dns, domain, 25)).toMatchObject({ failure: { kind, enhancedCode } });
});

test.each([
  ['[192.0.2.7]', '192.0.2.7'],
  ['[IPv6:2001:db8::7]', '2001:db8::7'],
])('the address literal %s is the host', async (domain, exchange) => {
  const { dns } = await resolverOf({});
  expect(await lookUp(dns, domain, 25)).toMatchObject({ site: { hosts: [{ exchange }] } });
});

test('answers are cached for five minutes, failures for one', async () => {
  const { dns, server } = await resolverOf({ mx: { 'a.test': ['10 mx.a.test'] } });
  const clock = { at: 0, now: () => 1_000_000 + clock.at };
  const router = createRouter({ dns, clock });
  const ask = (address: string) => router.group([{ address, index: '', log: '' }], [0]);
  const count = (name: string) => server.asked.filter((text) => text === `MX ${name}`).length;
  for (const at of [0, 59_000, 61_000, 299_000, 301_000]) {
    clock.at = at;
    await ask('x@a.test');
    await ask('x@gone.test');
  }
  expect(count('a.test')).toBe(2);
  expect(count('gone.test')).toBe(3);
});

test('metrics name only large public providers', () => {
  const of = (exchange: string) => providerOf(siteOf([{ exchange, priority: 1 }], 25));
  expect(of('alt1.gmail-smtp-in.l.google.com')).toBe('google');
  expect(of('example-org.mail.protection.outlook.com')).toBe('microsoft');
  expect(of('mx.jane-doe.example')).toBe('other');
  expect(of('notgoogle.com')).toBe('other');
});

/** Peers on one port, each at its own address, found by DNS. */
async function startSites(
  scripts: Readonly<Record<string, PeerScript>>,
  config: Partial<DeliveryConfig> = {},
) {
  const first = await startPeer({ host: '127.0.0.2', ...scripts['a.test'] });
  cleanup.defer(first.close);
  const second = await startPeer({ host: '127.0.0.3', port: first.port, ...scripts['b.test'] });
  cleanup.defer(second.close);
  const server = await startDnsServer({
    mx: {
      'a.test': ['10 mx.a.test'],
      'b.test': ['10 mx.b.test'],
      'both.test': ['10 dead.test', '20 mx.b.test'],
      'null.test': ['0 .'],
    },
    a: { 'mx.a.test': ['127.0.0.2'], 'mx.b.test': ['127.0.0.3'], 'dead.test': ['127.0.0.4'] },
  });
  cleanup.defer(server.close);
  const service = await startService(world, {
    dnsServers: [server.address],
    mxPort: first.port,
    ...config,
  });
  cleanup.defer(service.close);
  return { first, second, service };
}

const statuses = (id: string): string[] => {
  const newest = new Map<number, { rev: number; status: string }>();
  for (const { n, rev, status } of world.eventsOf(id)) {
    if (rev >= (newest.get(n)?.rev ?? -1)) newest.set(n, { rev, status });
  }
  return [...newest].toSorted(([a], [b]) => a - b).map(([, { status }]) => status);
};

test('a message for several sites is sent to each in one transaction; a failing site does not delay the others', async () => {
  const { first, second, service } = await startSites({
    'b.test': { onRcpt: () => ({ code: 451, text: '4.7.1 Later' }) },
  });
  const id = await world.send({
    to: ['1@a.test', '2@b.test', '3@a.test', 'x@null.test', 'hello@demo.example.org'],
    from: '',
  });
  await eventually(() =>
    expect(statuses(id)).toEqual(['delivered', 'deferred', 'delivered', 'bounced', 'bounced']),
  );
  expect(first.received.map(({ to }) => to)).toEqual([['1@a.test', '3@a.test']]);
  expect(second.received).toEqual([]);
  const [document] = await world.open();
  expect(document).toMatchObject({ _id: id, state: 'ready' });
  expect(document?.recipients?.map(({ tries }) => tries).toSorted()).toEqual([0, 0, 0, 0, 1]);
  expect(await service.metric('mysmtp_delivery_attempts_total', { outcome: 'delivered' })).toBe(2);
  await world.connection.collection('deferred').deleteMany({});
});

test('the next host is tried if the preferred one is dead', async () => {
  const { second } = await startSites({});
  const id = await world.send({ to: ['x@both.test'] });
  await eventually(() => expect(statuses(id)).toEqual(['delivered']));
  expect(second.received).toHaveLength(1);
});

test('the next host is tried if the preferred one refuses in its greeting', async () => {
  const refusing = await startPeer({
    host: '127.0.0.2',
    onConnect: () => ({ code: 554, text: '5.3.2 Not here' }),
  });
  cleanup.defer(refusing.close);
  const { port } = refusing;
  const good = await startPeer({ host: '127.0.0.3', port });
  cleanup.defer(good.close);
  const server = await startDnsServer({
    mx: { 'a.test': ['10 mx.a.test', '20 mx.b.test'] },
    a: { 'mx.a.test': ['127.0.0.2'], 'mx.b.test': ['127.0.0.3'] },
  });
  cleanup.defer(server.close);
  const service = await startService(world, { dnsServers: [server.address], mxPort: port });
  cleanup.defer(service.close);
  const id = await world.send({ to: ['x@a.test'] });
  await eventually(() => expect(statuses(id)).toEqual(['delivered']));
  expect(good.received).toHaveLength(1);
});

test('an MX in our own network is not dialled', async () => {
  const { first, service } = await startSites({}, { privateMx: false });
  const id = await world.send({ to: ['x@a.test'], from: '' });
  await eventually(() => expect(statuses(id)).toEqual(['bounced']));
  const [event] = world.eventsOf(id);
  expect(event && world.attemptsOf(event)).toMatchObject([{ site: null, enhancedCode: '5.4.4' }]);
  expect(first.connections()).toBe(0);
  expect(service.logged('mail.handling_failed')).toEqual([]);
});

test('a site that hangs uses at most a quarter of the window; its mail is deferred and other mail is delivered', async () => {
  const { first, second } = await startSites(
    { 'a.test': { onRcpt: () => 'hang' } },
    { window: 40, sitePatience: 500, siteConnections: 2, commandTimeout: 60_000 },
  );
  // Before the service, which would wait for its replies.
  cleanup.defer(first.close);
  const hanging = await Promise.all(
    Array.from({ length: 60 }, () => world.send({ to: ['x@a.test'] })),
  );
  const others = await Promise.all(
    Array.from({ length: 20 }, () => world.send({ to: ['x@b.test'] })),
  );
  await eventually(() => expect(second.received).toHaveLength(20));
  // The events are published a moment after the site has answered.
  await eventually(() => {
    expect(others.map(statuses)).toEqual(others.map(() => ['delivered']));
  });
  expect(hanging.flatMap(statuses)).toEqual([]);
  // Mail that came to the site less than its patience ago follows with the next check of the queues.
  const waiting = await eventually(async () => {
    const open = await world.open();
    expect(open.length).toBeGreaterThanOrEqual(45);
    return open;
  });
  expect(waiting.every(({ recipients }) => (recipients?.[0]?.tries ?? 0) <= 1)).toBe(true);
});
