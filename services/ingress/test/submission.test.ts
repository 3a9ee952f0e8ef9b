import { isMessageId } from '@mysmtp/contracts';
import { addressIndex } from '@mysmtp/seal';
import { eventually } from '@mysmtp/test-kit';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { message, submit } from './support/submit.ts';
import { openWorld, type Account, type Taken, type World } from './support/world.ts';

let world: World;
let account: Account;

beforeAll(async () => {
  world = await openWorld();
  account = await world.account('ours');
  await world.consume();
  await world.start();
});
afterAll(() => world.close());

/** What came out of the broker for a 250. */
function takenFor(reply: { code: number; text: string }): Promise<Taken> {
  const id = /^250 2\.0\.0 Ok: queued as ([\da-f-]{36})$/.exec(reply.text)?.[1];
  if (id === undefined) throw new Error(reply.text);
  return eventually(() => {
    const found = world.taken.find((mail) => mail.id === id);
    if (found === undefined) throw new Error('It has not come yet');
    return found;
  });
}

const headerOf = (taken: Taken) => taken.message?.toString().split('\r\n\r\n')[0] ?? '';

test('a message comes out of the broker as it went in, with the id that the 250 names', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const body = 'Hello\r\n..two dots\r\n\r\nüñ\r\n';
  const reply = await submit(
    client,
    from,
    ['b@example.net', 'c@example.net'],
    message(from, [], body),
  );
  const taken = await takenFor(reply);
  expect(isMessageId(taken.id)).toBe(true);
  expect(taken.headers).toEqual({ v: 1, id: taken.id, tenant: account.tenant, kind: 'message' });
  const { envelope } = taken;
  expect(envelope).toMatchObject({
    reversePath: from,
    smtputf8: false,
    eightBit: true,
    spool: null,
  });
  expect(envelope.size).toBe(taken.message?.length);
  expect(envelope.signing?.domain).toBe(account.domainId);
  const index = world.neighbours.keyOf(account.tenant, 'index');
  expect(envelope.recipients.map(({ address, index: found }) => [address, found])).toEqual(
    ['b@example.net', 'c@example.net'].map((to) => [to, addressIndex(index, to)]),
  );
  expect(taken.message?.toString().split('\r\n\r\n').slice(1).join('\r\n\r\n')).toBe(
    'Hello\r\n.two dots\r\n\r\nüñ\r\n',
  );
  client.destroy();
});

test('Received, Date and Message-ID are added, without a trace of the client', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const taken = await takenFor(await submit(client, from, ['b@example.net'], message(from)));
  const header = headerOf(taken);
  expect(header).toMatch(
    new RegExp(
      String.raw`^Received: by relay\.example\.org with ESMTPSA id ${taken.id};\r\n\t\w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000\r\n`,
    ),
  );
  expect(header).toMatch(/\r\nDate: \w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000(\r\n|$)/);
  expect(header).toContain(`\r\nMessage-ID: <${taken.id}@relay.example.org>`);
  expect(header).not.toMatch(/127\.0\.0\.1|client\.example\.net|localhost/);
  client.destroy();
});

test('what is there stays, Bcc and Return-Path go', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const fields = [
    'Date: Mon, 1 Jan 2024 00:00:00 +0000',
    'Message-ID: <given@client.example.net>',
    'BCC: secret@example.net,',
    '\tmore@example.net',
    'Return-Path: <x@example.net>',
    'X-Folded: one',
    '  two',
  ];
  const taken = await takenFor(
    await submit(client, from, ['b@example.net'], message(from, fields)),
  );
  const header = headerOf(taken);
  expect(header).not.toMatch(/secret|more@example|Return-Path/i);
  expect(header.match(/^Date:/gim)).toHaveLength(1);
  expect(header).toContain('\r\nMessage-ID: <given@client.example.net>\r\n');
  expect(header).toContain('\r\nX-Folded: one\r\n  two');
  client.destroy();
});

test('the usage log is told of each recipient, sealed', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const { id } = await takenFor(
    await submit(client, from, ['b@example.net', 'c@example.net'], message(from)),
  );
  const events = await eventually(() => {
    const found = world.events.filter((event) => event.id === id);
    if (found.length < 2) throw new Error('They have not come yet');
    return found;
  });
  expect(events.map(({ n, rev, status }) => ({ n, rev, status }))).toEqual([
    { n: 0, rev: 0, status: 'accepted' },
    { n: 1, rev: 0, status: 'accepted' },
  ]);
  expect(events.map((event) => world.factsOf(event))).toEqual(
    ['b@example.net', 'c@example.net'].map((recipient) => ({
      sender: from,
      recipient,
      messageId: `<${id}@relay.example.org>`,
    })),
  );
  expect(JSON.stringify(events)).not.toContain('example.net');
  client.destroy();
});

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
  const taken = await takenFor(await submit(client, from, [address], message(from)));
  expect(taken.envelope.recipients.map((recipient) => recipient.address)).toEqual([address]);
  client.destroy();
});

test('only the same address twice is one recipient; local parts are compared as they are', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const to = ['B@example.net', 'b@example.net', 'b@EXAMPLE.net', 'b@example.net', 'c@example.net'];
  const taken = await takenFor(await submit(client, from, to, message(from)));
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
  const taken = await takenFor(await client.say('.'));
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
  const { envelope } = await takenFor(await client.say('.'));
  expect(envelope).toMatchObject({ smtputf8: false, eightBit: false });
  client.destroy();
});

test('the null reverse-path is taken, From: decides', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const taken = await takenFor(await submit(client, '', ['b@example.net'], message(from)));
  expect(taken.envelope.reversePath).toBe('');
  const foreign = await submit(client, '', ['b@example.net'], message('a@example.com'));
  expect(foreign.text).toMatch(/^550 5\.7\.1 /);
  client.destroy();
});

test('mail that the customer signs has no body hash', async () => {
  const other = await world.account('customer');
  const client = await world.session(other);
  const from = `a@${other.domain}`;
  const taken = await takenFor(await submit(client, from, ['b@example.net'], message(from)));
  expect(taken.envelope.signing).toBeNull();
  client.destroy();
});

test.each([
  ['STARTTLS', 'PLAIN'],
  ['STARTTLS', 'LOGIN'],
  ['TLS', 'PLAIN'],
  ['TLS', 'LOGIN'],
])(
  'nodemailer submits over %s with AUTH %s, several messages on one connection',
  async (way, method) => {
    const { starttlsPort, tlsPort } = world.config;
    const connection = new SMTPConnection({
      host: '127.0.0.1',
      port: way === 'TLS' ? tlsPort : starttlsPort,
      secure: way === 'TLS',
      requireTLS: true,

      tls: { ca: world.ca, servername: 'localhost' },
    });
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject);
      connection.connect(() => resolve());
    });
    await new Promise<void>((resolve, reject) => {
      connection.login({ user: account.username, pass: account.password, method }, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    const from = `a@${account.domain}`;
    for (let n = 0; n < 3; n += 1) {
      const response = await new Promise<string>((resolve, reject) => {
        connection.send({ from, to: ['b@example.net'] }, message(from), (error, info) => {
          if (error) reject(error);
          else resolve(info?.response ?? '');
        });
      });
      await takenFor({ code: 250, text: response });
    }
    connection.quit();
  },
);

test('pipelined commands and messages are each answered in order', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const one = `MAIL FROM:<${from}>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n`;
  client.write(one);
  expect([
    (await client.read()).code,
    (await client.read()).code,
    (await client.read()).code,
  ]).toEqual([250, 250, 354]);
  client.write(`${message(from)}.\r\n${one}`);
  const first = await client.read();
  expect([
    (await client.read()).code,
    (await client.read()).code,
    (await client.read()).code,
  ]).toEqual([250, 250, 354]);
  client.write(`${message(from)}.\r\nQUIT\r\n`);
  const second = await client.read();
  expect((await client.read()).code).toBe(221);
  expect((await takenFor(first)).id).not.toBe((await takenFor(second)).id);
});

test('nothing personal is in a log line or a metric', async () => {
  const client = await world.session(account);
  const from = `alice.secret@${account.domain}`;
  await takenFor(await submit(client, from, ['bob.secret@example.net'], message(from)));
  await submit(client, 'eve.secret@example.com', ['b@example.net'], message(from));
  client.destroy();
  const said = JSON.stringify(world.lines) + (await world.metrics());
  expect(said).not.toMatch(/secret|example\.net|127\.0\.0\.1|client\.example/);
  expect(said).not.toContain(account.domain);
  expect(said).not.toContain(account.password);
  expect(said).not.toContain(account.username);
});
