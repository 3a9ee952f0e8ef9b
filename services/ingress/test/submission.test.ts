import { isMessageId } from '@mysmtp/contracts';
import { addressIndex, domainIndex, tagIndex } from '@mysmtp/seal';
import { eventually } from '@mysmtp/test-kit';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
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

test('a message reaches the broker unchanged, with the id in the 250', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const body = 'Hello\r\n..two dots\r\n\r\nüñ\r\n';
  const reply = await submit(
    client,
    from,
    ['b@example.net', 'c@example.net'],
    message(from, [], body),
  );
  const taken = await takenFor(world, reply);
  expect(isMessageId(taken.id)).toBe(true);
  const { tenant, credential } = account;
  expect(taken.headers).toEqual({ v: 1, id: taken.id, tenant, kind: 'message', credential });
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
  const taken = await takenFor(world, await submit(client, from, ['b@example.net'], message(from)));
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

test('present fields stay, Bcc and Return-Path are removed', async () => {
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
    world,
    await submit(client, from, ['b@example.net'], message(from, fields)),
  );
  const header = headerOf(taken);
  expect(header).not.toMatch(/secret|more@example|Return-Path/i);
  expect(header.match(/^Date:/gim)).toHaveLength(1);
  expect(header).toContain('\r\nMessage-ID: <given@client.example.net>\r\n');
  expect(header).toContain('\r\nX-Folded: one\r\n  two');
  client.destroy();
});

test('the usage log gets a sealed event for each recipient', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const { id } = await takenFor(
    world,
    await submit(client, from, ['b@example.net', 'c@example.net'], message(from)),
  );
  const events = await eventually(() => {
    const found = world.events.filter((event) => event.id === id);
    if (found.length < 2) throw new Error('The events have not arrived yet');
    return found;
  });
  expect(events.map(({ n, rev, status }) => ({ n, rev, status }))).toEqual([
    { n: 0, rev: 0, status: 'accepted' },
    { n: 1, rev: 0, status: 'accepted' },
  ]);
  expect(events.map((event) => world.detailsOf(event))).toEqual(
    ['b@example.net', 'c@example.net'].map((recipient) => ({
      sender: from,
      recipient,
      messageId: `<${id}@relay.example.org>`,
      accepted: {
        credential: account.credential,
        listener: 'starttls',
        tls: { version: 'TLSv1.3', cipher: expect.stringMatching(/^TLS_AES_/) as string },
      },
    })),
  );
  expect(JSON.stringify(events)).not.toContain('example.net');
  client.destroy();
});

test('the usage log finds a message by domains, tags and credential; no tag reaches the recipient', async () => {
  const client = await world.session(account);
  const from = `a@${account.domain}`;
  const fields = ['X-MySMTP-Tag: order-4711, news', 'x-mysmtp-tag: news'];
  const to = ['b@Example.NET'];
  const taken = await takenFor(world, await submit(client, from, to, message(from, fields)));
  expect(taken.message?.toString()).not.toMatch(/x-mysmtp-tag|4711/i);
  const event = await eventually(() => {
    const found = world.events.find(({ id }) => id === taken.id);
    if (found === undefined) throw new Error('The event has not arrived yet');
    return found;
  });
  const key = world.neighbours.keyOf(account.tenant, 'index');
  const indexes = {
    senderDomainIndex: domainIndex(key, account.domain),
    tagIndexes: [tagIndex(key, 'order-4711'), tagIndex(key, 'news')],
  };
  const recipientDomainIndex = domainIndex(key, 'example.net');
  expect(event).toMatchObject({
    ...indexes,
    recipientDomainIndex,
    credential: account.credential,
  });
  // Delivery passes them on.
  expect(taken.envelope).toMatchObject({
    ...indexes,
    recipients: [{ domainIndex: recipientDomainIndex }],
  });
  expect(world.detailsOf(event)).toMatchObject({ tags: ['order-4711', 'news'] });
  expect(JSON.stringify(event)).not.toMatch(/4711|news|example\.net/i);
  client.destroy();
});

test('mail that the customer signs has no body hash', async () => {
  const other = await world.account('customer');
  const client = await world.session(other);
  const from = `a@${other.domain}`;
  const taken = await takenFor(world, await submit(client, from, ['b@example.net'], message(from)));
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
      await takenFor(world, { code: 250, text: response });
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
  expect((await takenFor(world, first)).id).not.toBe((await takenFor(world, second)).id);
});

test('no personal data is in a log line or a metric', async () => {
  const client = await world.session(account);
  const from = `alice.secret@${account.domain}`;
  await takenFor(world, await submit(client, from, ['bob.secret@example.net'], message(from)));
  await submit(client, 'eve.secret@example.com', ['b@example.net'], message(from));
  client.destroy();
  const payload = JSON.stringify(world.lines) + (await world.metrics());
  expect(payload).not.toMatch(/secret|example\.net|127\.0\.0\.1|client\.example/);
  expect(payload).not.toContain(account.domain);
  expect(payload).not.toContain(account.password);
  expect(payload).not.toContain(account.username);
});
