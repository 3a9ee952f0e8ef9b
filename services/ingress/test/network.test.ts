import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import { openRawClient } from './support/client.ts';
import { message, submit } from './support/submit.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let account: Account;
let credential: string;

beforeAll(async () => {
  world = await openWorld();
  account = await world.account();
  const other = await world.account();
  await world.network(other, '192.0.2.0/24');
  await world.network(other, '2001:db8::/48');
  credential = await world.network(account, '127.0.7.0/24');
  await world.consume();
});
afterAll(() => world.close());

const connectFrom = (from: string) => openRawClient(world.config.networkPort ?? 0, { from });

test('privacy unreachable: networks cannot be opened, and clients get a temporary refusal', async () => {
  world.neighbours.away.add('keys');
  await world.start();
  const client = await connectFrom('127.0.7.1');
  expect(client.greeting.code).toBe(421);
  world.neighbours.away.delete('keys');
  await eventually(async () => {
    const again = await connectFrom('127.0.7.1');
    again.destroy();
    expect(again.greeting.code).toBe(220);
  });
});

test('a client in a known network has its credential without AUTH', async () => {
  const client = await connectFrom('127.0.7.9');
  const from = `a@${account.domain}`;
  const ehlo = await client.say('EHLO device.example.net');
  expect(ehlo.lines).toContain('STARTTLS');
  expect(ehlo.text).not.toContain('AUTH');
  const reply = await submit(client, from, ['b@example.net'], message(from));
  expect(reply.code).toBe(250);
  const taken = await eventually(() => {
    const [first] = world.taken;
    if (first === undefined) throw new Error('Not there yet');
    return first;
  });
  expect(taken.headers.tenant).toBe(account.tenant);
  expect(taken.message?.toString()).toContain('with ESMTP id');
  expect((await client.say('MAIL FROM:<a@example.com>')).text).toMatch(/^550 5\.7\.1 /);
  client.destroy();
});

test('a client in a known network has the same credential over STARTTLS', async () => {
  const client = await connectFrom('127.0.7.9');
  const from = `a@${account.domain}`;
  await client.say('EHLO device.example.net');
  await client.say('STARTTLS');
  await client.startTls(world.ca);
  const ehlo = await client.say('EHLO device.example.net');
  expect(ehlo.text).not.toContain('AUTH');
  expect((await submit(client, from, ['b@example.net'], message(from))).code).toBe(250);
  client.destroy();
});

test('a client in no known network is refused at once', async () => {
  const client = await connectFrom('127.0.8.1');
  expect(client.greeting.text).toMatch(/^554 /);
  await client.closed();
});

test('a revoked network is refused within a second, an open session at its next MAIL', async () => {
  const client = await connectFrom('127.0.7.9');
  await client.say('EHLO device.example.net');
  await world.neighbours.change(world.broker, {
    entity: 'credential',
    id: credential,
    state: null,
  });
  await eventually(
    async () => {
      const again = await connectFrom('127.0.7.9');
      again.destroy();
      expect(again.greeting.code).toBe(554);
    },
    { timeout: 1_000 },
  );
  expect((await client.say('MAIL FROM:<>')).text).toMatch(/^550 5\.7\.1 /);
  await client.closed();
});
