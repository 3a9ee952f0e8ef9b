import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import { openRawClient, type RawClient } from './support/client.ts';
import { message, submit } from './support/submit.ts';
import { openWorld, type World } from './support/world.ts';

// Unauthenticated connections cannot block authenticated ones.

let world: World;
let account: Account;
const clients: RawClient[] = [];

beforeAll(async () => {
  world = await openWorld({ CONNECTION_LIMIT: '6', AUTH_TIMEOUT: '3s' });
  account = await world.account();
  await world.consume();
  await world.start();
});
afterAll(() => world.close());
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await expect
    .poll(() => world.metric('mysmtp_smtp_sessions'))
    .not.toMatch(/mysmtp_smtp_sessions\{.*\} [1-9]/);
});

async function open(tls = false): Promise<RawClient> {
  const { starttlsPort, tlsPort } = world.config;
  const client = await openRawClient(
    tls ? tlsPort : starttlsPort,
    tls ? { ca: world.ca } : undefined,
  );
  clients.push(client);
  return client;
}

async function signIn(): Promise<RawClient> {
  const client = await world.session(account);
  clients.push(client);
  return client;
}

test.each([false, true])(
  'without AUTH a connection ends after AUTH_TIMEOUT, even if it sends commands (TLS: %s)',
  async (tls) => {
    const client = await open(tls);
    const begun = performance.now();
    while (!client.isClosed()) {
      client.write('NOOP\r\n');
      await sleep(200);
    }
    const took = performance.now() - begun;
    expect(took).toBeGreaterThan(2_000);
    expect(took).toBeLessThan(8_000);
    let last = await client.read();
    while (last.code === 250) last = await client.read();
    expect(last.text).toMatch(/^421 4\.7\.0 .*authentication/i);
  },
);

test('an authenticated connection stays open', async () => {
  const client = await signIn();
  await sleep(4_500);
  expect((await client.say('NOOP')).code).toBe(250);
});

test('if all slots are in use, the oldest connection without AUTH is evicted, and a client that authenticates is served', async () => {
  const signedIn = await signIn();
  const others = [];
  for (let n = 0; n < 5; n += 1) others.push(await open(n % 2 === 1));
  const from = `a@${account.domain}`;
  const late = await signIn();
  expect((await submit(late, from, ['b@example.net'], message(from))).code).toBe(250);
  expect((await others[0]?.read())?.text).toMatch(/^421 4\.7\.0 Too many connections/);
  await others[0]?.closed();
  expect((await signedIn.say('NOOP')).code).toBe(250);
  expect((await others[4]?.say('NOOP'))?.code).toBe(250);
});

test('if all connections are authenticated, the next one gets 421', async () => {
  for (let n = 0; n < 6; n += 1) await signIn();
  const late = await open();
  expect(late.greeting.text).toMatch(/^421 Too many connections/);
});
