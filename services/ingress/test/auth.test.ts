import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import { openRawClient } from './support/client.ts';
import { message, submit } from './support/submit.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let account: Account;
/** The address of the clients of a test. */
let from: string;
let tests = 0;

beforeAll(async () => {
  world = await openWorld();
  await world.consume();
  await world.start();
});
// Failures in one network are throttled, in all connections, so each test has its own.
beforeEach(async () => {
  from = `127.2.0.${String((tests += 1))}`;
  account = await world.account();
  (await world.session(account)).destroy();
});
afterAll(() => world.close());

async function secureClient() {
  const client = await openRawClient(world.config.tlsPort, { ca: world.ca, from });
  await client.say('EHLO client.example.net');
  return client;
}
const plain = (username: string, password: string, authzid = '') =>
  `AUTH PLAIN ${Buffer.from(`${authzid}\0${username}\0${password}`).toString('base64')}`;

test('unknown user and wrong password get the same reply', async () => {
  const client = await secureClient();
  const unknown = await client.say(plain('nobody', account.password));
  const wrong = await client.say(plain(account.username, 'wrong'));
  const inAnothersName = await client.say(plain(account.username, account.password, 'other'));
  expect(unknown.text).toBe('535 5.7.8 Authentication credentials invalid');
  expect(wrong.text).toBe(unknown.text);
  expect(inAnothersName.text).toBe(unknown.text);
  expect((await client.say(plain(account.username, account.password))).code).toBe(235);
  client.destroy();
});

test('after ten failures the connection is closed', async () => {
  const client = await secureClient();
  for (let n = 0; n < 10; n += 1) {
    expect((await client.say(plain(account.username, 'wrong'))).code).toBe(535);
  }
  expect((await client.read()).text).toMatch(/^421 4\.7\.0 /);
  await client.closed();
});

test('pipelined failures count too, and the right password after the tenth is not read', async () => {
  const client = await secureClient();
  const line = (password: string) => `${plain(account.username, password)}\r\n`;
  client.write(`${line('wrong').repeat(300)}${line(account.password)}`);
  const codes = [];
  while (codes.at(-1) !== 421) codes.push((await client.read()).code);
  await client.closed();
  expect(codes).toEqual([...Array.from({ length: 10 }, () => 535), 421]);
  await expect(client.read()).rejects.toThrow();
});

test('the right password before the limit is accepted', async () => {
  const client = await secureClient();
  const lines = [...Array.from({ length: 9 }, () => 'wrong'), account.password];
  client.write(lines.map((password) => `${plain(account.username, password)}\r\n`).join(''));
  for (let n = 0; n < 9; n += 1) expect((await client.read()).code).toBe(535);
  expect((await client.read()).code).toBe(235);
  client.destroy();
});

test('AUTH LOGIN failures count too', async () => {
  const client = await secureClient();
  for (let n = 0; n < 10; n += 1) {
    await client.say('AUTH LOGIN');
    await client.say(Buffer.from(account.username).toString('base64'));
    expect((await client.say(Buffer.from('wrong').toString('base64'))).code).toBe(535);
  }
  expect((await client.read()).text).toMatch(/^421 4\.7\.0 /);
});

test('a revoked credential is refused within a second, in an open session at its next MAIL', async () => {
  const revoked = await world.account();
  const sender = `a@${revoked.domain}`;
  const client = await world.session(revoked);
  expect((await submit(client, sender, ['b@example.net'], message(sender))).code).toBe(250);
  await world.revoke(revoked);
  const started = performance.now();
  await eventually(async () => {
    const reply = await client.say(`MAIL FROM:<${sender}>`);
    if (reply.code === 250) {
      await client.say('RSET');
      throw new Error('Not yet');
    }
    expect(reply.text).toMatch(/^550 5\.7\.1 /);
  });
  expect(performance.now() - started).toBeLessThan(1_000);
  await client.closed();
  const again = await secureClient();
  expect((await again.say(plain(revoked.username, revoked.password))).text).toMatch(
    /^535 5\.7\.8 /,
  );
  again.destroy();
});

test('a credential that is revoked while the message comes in: no 250, nothing published', async () => {
  const revoked = await world.account();
  const sender = `a@${revoked.domain}`;
  const client = await world.session(revoked);
  await client.say(`MAIL FROM:<${sender}>`);
  await client.say('RCPT TO:<b@example.net>');
  await client.say('DATA');
  client.write(message(sender));
  await world.revoke(revoked);
  // The revocation is applied once a new session is refused.
  await eventually(async () => {
    const probe = await secureClient();
    const { code } = await probe.say(plain(revoked.username, revoked.password));
    probe.destroy();
    expect(code).toBe(535);
  });
  expect((await client.say('.')).text).toMatch(/^550 5\.7\.1 /);
  expect(world.taken.filter(({ headers }) => headers.tenant === revoked.tenant)).toEqual([]);
  client.destroy();
});

test.each([
  ['suspended', '525 5.7.13 An operator has suspended this account, its owner can read why'],
  ['deleted', '535 5.7.8 Authentication credentials invalid'],
] as const)('the credential of a tenant that is %s is refused', async (how, reply) => {
  const { tenant, username, password } = await world.account();
  const state = how === 'deleted' ? null : ({ status: 'suspended' } as const);
  await world.neighbours.change(world.broker, { entity: 'tenant', id: tenant, state });
  await eventually(async () => {
    const client = await secureClient();
    const { text } = await client.say(plain(username, password));
    client.destroy();
    expect(text).toBe(reply);
  });
});

test('AUTH answers 454, never 535, until the projection is ready; after a restart it is ready at once', async () => {
  await using fresh = new AsyncDisposableStack();
  const alone = fresh.adopt(await openWorld(), (opened) => opened.close());
  const someone = await alone.account();
  alone.neighbours.away.add('identity');
  await alone.start();
  const say = async (line: string) => {
    const client = await openRawClient(alone.config.tlsPort, { ca: alone.ca });
    await client.say('EHLO client.example.net');
    const reply = await client.say(line);
    client.destroy();
    return reply.text;
  };
  expect(await say(plain(someone.username, someone.password))).toMatch(/^454 4\.7\.0 /);
  expect(await say(plain('nobody', 'wrong'))).toMatch(/^454 4\.7\.0 /);
  alone.neighbours.away.delete('identity');
  await eventually(async () => {
    expect(await say(plain(someone.username, someone.password))).toMatch(/^235 /);
  });
  // The complete projection is in the database: identity is not needed again.
  await eventually(() =>
    expect(alone.lines.some(({ event }) => event === 'projection.not_saved')).toBe(false),
  );
  await alone.stop();
  alone.neighbours.away.add('identity');
  await alone.start();
  expect(await say(plain(someone.username, someone.password))).toMatch(/^235 /);
  expect(await say(plain('nobody', 'wrong'))).toMatch(/^535 5\.7\.8 /);
});
