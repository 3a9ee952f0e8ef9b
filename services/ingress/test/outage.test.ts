import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, proxyTo, type Proxy } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import { openRawClient } from './support/client.ts';
import { message, submit } from './support/submit.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let account: Account;
let from: string;

beforeEach(async () => {
  world = await openWorld();
  account = await world.account();
  from = `a@${account.domain}`;
});
afterEach(() => world.close());

test('no queue for the message: 451, and 250 as soon as there is one', async () => {
  await world.start();
  const client = await world.session(account);
  const first = await submit(client, from, ['b@example.net'], message(from));
  expect(first.text).toMatch(/^451 4\.3\.0 /);
  await world.consume();
  const second = await submit(client, from, ['b@example.net'], message(from));
  expect(second.code).toBe(250);
  await eventually(() => expect(world.taken).toHaveLength(1));
  client.destroy();
});

test('connections to the broker break under load: each message with a 250 has arrived', async () => {
  await world.consume();
  await world.start();
  const accepted: string[] = [];
  let refused = 0;
  const enough = new AbortController();
  const load = Array.from({ length: 5 }, async () => {
    const client = await world.session(account);
    while (!enough.signal.aborted) {
      const reply = await submit(client, from, ['b@example.net'], message(from));
      if (reply.code === 250) accepted.push(reply.text.slice(-36));
      else if (reply.text.startsWith('451 4.3.0 ')) {
        refused += 1;
        await client.say('RSET');
        await sleep(20);
      } else throw new Error(reply.text);
    }
    client.destroy();
  });
  await eventually(() => expect(accepted.length).toBeGreaterThan(50));
  // A message that is being sent waits for its reply. Only a client that begins a message while the
  // connection is broken is refused. So the test breaks connections until this has happened.
  await eventually(async () => {
    await world.broker.cutConnections();
    expect(refused).toBeGreaterThan(0);
  });
  const atCut = accepted.length;
  await eventually(() => expect(accepted.length).toBeGreaterThan(atCut + 50));
  enough.abort();
  await Promise.all(load);
  await eventually(() => {
    const arrived = new Set(world.taken.map(({ id }) => id));
    expect(accepted.filter((id) => !arrived.has(id))).toEqual([]);
  });
});

test('privacy unreachable: tenants with cached keys can send, others get 451', async () => {
  const unseen = await world.account();
  await world.consume();
  await world.start();
  const client = await world.session(account);
  expect((await submit(client, from, ['b@example.net'], message(from))).code).toBe(250);
  world.neighbours.away.add('keys');
  world.now = Date.now() + 90_000;
  expect((await submit(client, from, ['b@example.net'], message(from))).code).toBe(250);
  const other = await world.session(unseen);
  const refusals = (): Promise<string> => world.metric('mysmtp_smtp_refusals_total');
  // Zero from the start, so that an alert sees the first increase.
  expect(await refusals()).toMatch(/code="451",reason="unavailable"[^}]*\} 0$/m);
  expect((await other.say(`MAIL FROM:<a@${unseen.domain}>`)).text).toMatch(/^451 4\.3\.0 /);
  expect(await refusals()).toMatch(/code="451",reason="unavailable"[^}]*\} 1$/m);
  world.neighbours.away.delete('keys');
  await eventually(async () => {
    world.now = (world.now ?? 0) + 1_000;
    expect((await other.say(`MAIL FROM:<a@${unseen.domain}>`)).code).toBe(250);
  });
  client.destroy();
  other.destroy();
});

test('the keys of the tenant are refused because of a fence: no 250', async () => {
  await world.consume();
  await world.start();
  const client = await world.session(account);
  world.neighbours.keyState = 'fenced';
  expect((await client.say(`MAIL FROM:<${from}>`)).text).toMatch(/^550 5\.7\.1 /);
  await client.closed();
});

test('a message that spans midnight is sealed under the key of the day in its id', async () => {
  world.now = Date.UTC(2026, 10, 24, 23, 59, 59);
  await world.consume();
  await world.start();
  const client = await world.session(account);
  await client.say(`MAIL FROM:<${from}>`);
  await client.say('RCPT TO:<b@example.net>');
  world.now = Date.UTC(2026, 10, 25, 0, 0, 1);
  await client.say('DATA');
  client.write(message(from));
  expect((await client.say('.')).code).toBe(250);
  // It was opened with the key of the day in its id.
  await eventually(() => expect(world.taken).toHaveLength(1));
  expect(world.taken[0]?.message?.toString()).toContain('Wed, 25 Nov 2026 00:00:01 +0000');
  client.destroy();
});

test('the broker is unreachable at start: the service runs, sessions get 451', async () => {
  await using stack = new AsyncDisposableStack();
  const away = stack.adopt(await openWorld({ RABBITMQ_URL: 'amqp://127.0.0.1:1' }), (opened) =>
    opened.close(),
  );
  away.neighbours.away.add('identity');
  await away.start();
  const client = await openRawClient(away.config.tlsPort, { ca: away.ca });
  await client.say('EHLO client.example.net');
  expect((await client.say('AUTH PLAIN AGEAYg==')).text).toMatch(/^454 4\.7\.0 /);
  client.destroy();
});

test('the database is unreachable: small mail is accepted, large mail gets 451 until the database is back', async () => {
  await using stack = new AsyncDisposableStack();
  const proxy = stack.adopt(await proxyTo(world.database.url), (opened) => opened.close());
  const proxied = stack.adopt(await openWorld({ MONGODB_URL: proxy.url }), (opened) =>
    opened.close(),
  );
  const someone = await proxied.account();
  const sender = `a@${someone.domain}`;
  const large = message(sender, [], `${'x'.repeat(900)}\r\n`.repeat(600));
  await proxied.consume();
  await proxied.start();
  const client = await proxied.session(someone);
  expect((await submit(client, sender, ['b@example.net'], large)).code).toBe(250);
  proxy.cut();
  expect((await submit(client, sender, ['b@example.net'], message(sender))).code).toBe(250);
  expect((await submit(client, sender, ['b@example.net'], large)).text).toMatch(/^451 4\.3\.0 /);
  proxy.mend();
  await eventually(async () => {
    const reply = await submit(client, sender, ['b@example.net'], large);
    expect(reply.code).toBe(250);
  });
  client.destroy();
});

test('a running service has two connections to the broker for all publishes and consumers', async () => {
  await using stack = new AsyncDisposableStack();
  let way: Proxy | undefined;
  const wayToBroker = async (url: string) => {
    way = stack.adopt(await proxyTo(url), (open) => open.close());
    return way.url;
  };
  const proxied = stack.adopt(await openWorld({}, wayToBroker), (opened) => opened.close());
  await proxied.start();
  expect(way?.connections()).toBe(2);
});
