import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import { message, submit } from './support/submit.ts';
import { headerOf, takenFor } from './support/taken.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let account: Account;

beforeAll(async () => {
  world = await openWorld();
  account = await world.account('ours');
  await world.consume();
  await world.start();
});
afterAll(() => world.close());

test.each([
  ['a comma in quotes', String.raw`"a,b"@example.net`],
  ['quotes in quotes', String.raw`"a\"b"@example.net`],
  ['a plus', 'a+b@example.net'],
  ['upper case', 'B@Example.NET'],
  ['an A-label', 'b@xn--mller-kva.example'],
  ['a percent', 'a%b@example.net'],
])('one RCPT stays one recipient: %s', async (_name, address) => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const taken = await takenFor(world, await submit(client, from, [address], message(from)));
  expect(taken.envelope.recipients.map((recipient) => recipient.address)).toEqual([address]);
  client.destroy();
});

test('only the same address twice is one recipient; local parts are compared as they are', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const to = ['B@example.net', 'b@example.net', 'b@EXAMPLE.net', 'b@example.net', 'c@example.net'];
  const taken = await takenFor(world, await submit(client, from, to, message(from)));
  expect(taken.envelope.recipients.map(({ address }) => address)).toEqual([
    'B@example.net',
    'b@example.net',
    'c@example.net',
  ]);
  client.destroy();
});

test('a UTF-8 address is taken with SMTPUTF8, its domain as A-labels', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  expect((await client.say(`MAIL FROM:<${from}> SMTPUTF8 BODY=8BITMIME`)).code).toBe(250);
  expect((await client.say('RCPT TO:<jörg@müller.example>')).code).toBe(250);
  expect((await client.say('DATA')).code).toBe(354);
  client.write(message(from));
  const taken = await takenFor(world, await client.say('.'));
  expect(taken.envelope.smtputf8).toBe(true);
  expect(taken.envelope.recipients[0]?.address).toBe('jörg@xn--mller-kva.example');
  expect(headerOf(taken)).toContain('with UTF8SMTPSA id');
  client.destroy();
});

test('SMTPUTF8 that the message does not need is not asked of the next hop', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  await client.say(`MAIL FROM:<${from}> SMTPUTF8 BODY=8BITMIME AUTH=<>`);
  await client.say('RCPT TO:<b@example.net>');
  await client.say('DATA');
  client.write(message(from));
  const { envelope } = await takenFor(world, await client.say('.'));
  expect(envelope).toMatchObject({ smtputf8: false, eightBit: false });
  client.destroy();
});

test('the null reverse-path is taken, From: decides', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const taken = await takenFor(world, await submit(client, '', ['b@example.net'], message(from)));
  expect(taken.envelope.reversePath).toBe('');
  const foreign = await submit(client, '', ['b@example.net'], message('a@example.com'));
  expect(foreign.text).toMatch(/^550 5\.7\.1 /);
  client.destroy();
});
