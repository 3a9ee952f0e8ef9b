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

test('only the same address twice is one recipient; local parts are compared unchanged', async () => {
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

test('a UTF-8 address is accepted with SMTPUTF8, its domain as A-labels', async () => {
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

test('SMTPUTF8 that the message does not need is not required from the next hop', async () => {
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

test.each<[string, BufferEncoding, string]>([
  ['UTF-8', 'utf8', ''],
  ['UTF-8, SMTPUTF8 requested', 'utf8', ' SMTPUTF8'],
  ['windows-1252', 'latin1', ''],
])('a header in %s is encoded and can go to every hop', async (_name, encoding, parameter) => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const lines = [`From: Jörg <${from}>`, 'Subject: Störung', 'X-A : b', 'Message-ID:'];
  for (const line of [`MAIL FROM:<${from}>${parameter}`, 'RCPT TO:<b@example.net>', 'DATA']) {
    await client.say(line);
  }
  client.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\nHello\r\n`, encoding));
  const taken = await takenFor(world, await client.say('.'));
  expect(taken.envelope).toMatchObject({ smtputf8: false, eightBit: false });
  const unfolded = headerOf(taken).replaceAll(/\r\n(?=[ \t])/g, '');
  expect(unfolded).toContain(
    `From: =?utf-8?q?J=C3=B6rg?= <${from}>\r\nSubject: =?utf-8?q?St=C3=B6rung?=\r\nX-A: b\r\n`,
  );
  expect(headerOf(taken)).toContain(`Message-ID: <${taken.id}@relay.example.org>`);
  client.destroy();
});

test('a non-ASCII header address needs SMTPUTF8 at every hop', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  for (const line of [`MAIL FROM:<${from}> SMTPUTF8`, 'RCPT TO:<b@example.net>', 'DATA']) {
    await client.say(line);
  }
  client.write(message(from, ['To: Jörg <jörg@example.net>']));
  const taken = await takenFor(world, await client.say('.'));
  expect(taken.envelope).toMatchObject({ smtputf8: true, eightBit: true });
  expect(headerOf(taken)).toContain('To: Jörg <jörg@example.net>');
  client.destroy();
});

test('the null reverse-path is accepted if From: is allowed', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const taken = await takenFor(world, await submit(client, '', ['b@example.net'], message(from)));
  expect(taken.envelope.reversePath).toBe('');
  const foreign = await submit(client, '', ['b@example.net'], message('a@example.com'));
  expect(foreign.text).toMatch(/^550 5\.7\.1 /);
  client.destroy();
});
