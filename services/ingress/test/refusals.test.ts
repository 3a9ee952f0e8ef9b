import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { claimSubdomain, type Account } from './support/accounts.ts';
import { openRawClient, type RawClient } from './support/client.ts';
import { message, submit } from './support/submit.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let account: Account;
let other: Account;
let unverified: string;
let client: RawClient;
let from: string;

beforeAll(async () => {
  world = await openWorld({ SIZE_LIMIT: '200000', RECIPIENT_LIMIT: '5' });
  account = await world.account();
  other = await world.account();
  unverified = await claimSubdomain(world, account);
  from = `a@${account.domain}`;
  await world.consume();
  await world.start();
});
afterAll(() => world.close());
afterEach(() => {
  client.destroy();
  expect(world.taken).toEqual([]);
});

describe('at a command', () => {
  const cases: [name: string, lines: (domain: string) => string[], reply: RegExp][] = [
    ['a foreign sender', () => ['MAIL FROM:<a@example.com>'], /^550 5\.7\.1 /],
    ['a subdomain of ours', (domain) => [`MAIL FROM:<a@sub.${domain}>`], /^550 5\.7\.1 /],
    ['an unknown parameter', (domain) => [`MAIL FROM:<a@${domain}> XFOO=1`], /^555 5\.5\.4 /],
    ['RET, not offered', (domain) => [`MAIL FROM:<a@${domain}> RET=FULL`], /^555 5\.5\.4 /],
    ['ENVID, not offered', (domain) => [`MAIL FROM:<a@${domain}> ENVID=x`], /^555 5\.5\.4 /],
    [
      'REQUIRETLS, not offered',
      (domain) => [`MAIL FROM:<a@${domain}> REQUIRETLS`],
      /^555 5\.5\.4 /,
    ],
    ['BODY=BINARYMIME', (domain) => [`MAIL FROM:<a@${domain}> BODY=BINARYMIME`], /^501 5\.5\.4 /],
    ['a size too big', (domain) => [`MAIL FROM:<a@${domain}> SIZE=200001`], /^552 5\.3\.4 /],
    ['a UTF-8 sender without SMTPUTF8', (domain) => [`MAIL FROM:<ä@${domain}>`], /^553 5\.6\.7 /],
    ['a long local part', (domain) => [`MAIL FROM:<${'a'.repeat(65)}@${domain}>`], /^553 5\.1\.3 /],
    ['no brackets', (domain) => [`MAIL FROM:a@${domain}`], /^501 5\.1\.7 /],
    ['RCPT without MAIL', () => ['RCPT TO:<b@example.net>'], /^503 5\.5\.1 /],
    ['a second AUTH', () => ['AUTH PLAIN AGEAYg=='], /^503 5\.5\.1 /],
    ['BDAT, not offered', () => ['BDAT 5 LAST'], /^500 5\.5\.2 /],
    ['XCLIENT', () => ['XCLIENT ADDR=192.0.2.1'], /^500 5\.5\.2 /],
  ];
  test.each(cases)('%s', async (_name, lines, reply) => {
    client = await world.session(account);
    let last = '';
    for (const line of lines(account.domain)) last = (await client.say(line)).text;
    expect(last).toMatch(reply);
    // The session continues.
    expect((await client.say(`MAIL FROM:<${from}>`)).code).toBe(250);
  });

  const recipients: [name: string, line: string, reply: RegExp][] = [
    ['NOTIFY, not offered', 'RCPT TO:<b@example.net> NOTIFY=NEVER', /^555 5\.5\.4 /],
    ['ORCPT, not offered', 'RCPT TO:<b@example.net> ORCPT=rfc822;x', /^555 5\.5\.4 /],
    ['two addresses', 'RCPT TO:<x@y.test,q@r.test>', /^501 5\.1\.3 /],
    ['a space', 'RCPT TO:<a b@example.net>', /^501 5\.1\.3 /],
    ['no domain', 'RCPT TO:<nobody>', /^501 5\.1\.3 /],
    ['nothing', 'RCPT TO:<>', /^501 5\.1\.3 /],
    ['UTF-8 without SMTPUTF8', 'RCPT TO:<jörg@example.net>', /^553 5\.6\.7 /],
    ['a UTF-8 domain without SMTPUTF8', 'RCPT TO:<b@müller.example>', /^553 5\.6\.7 /],
    ['a long local part', `RCPT TO:<${'b'.repeat(65)}@example.net>`, /^553 5\.1\.3 /],
    ['a label too long', `RCPT TO:<b@${'c'.repeat(64)}.net>`, /^553 5\.1\.3 /],
    ['an address too long', `RCPT TO:<b@${'c.'.repeat(130)}net>`, /^501 5\.1\.3 /],
    ['a bracket in it', 'RCPT TO:<b<c@example.net>', /^501 5\.1\.3 /],
    ['a comma outside quotes', 'RCPT TO:<b,c@example.net>', /^553 5\.1\.3 /],
    ['a parenthesis', 'RCPT TO:<b(c)@example.net>', /^553 5\.1\.3 /],
    ['a route without an end', 'RCPT TO:<@x.test>', /^501 5\.1\.3 /],
  ];
  test.each(recipients)('RCPT: %s', async (_name, line, reply) => {
    client = await world.session(account);
    await client.say(`MAIL FROM:<${from}>`);
    expect((await client.say(line)).text).toMatch(reply);
    expect((await client.say('DATA')).text).toMatch(/^503 5\.5\.1 /);
  });

  test('more recipients than the limit: 452, and the earlier recipients stay', async () => {
    client = await world.session(account);
    await client.say(`MAIL FROM:<${from}>`);
    for (let n = 0; n < 5; n += 1) {
      expect((await client.say(`RCPT TO:<b${String(n)}@example.net>`)).code).toBe(250);
    }
    expect((await client.say('RCPT TO:<b9@example.net>')).text).toMatch(/^452 4\.5\.3 /);
    expect((await client.say('RCPT TO:<b0@example.net>')).code).toBe(250);
    await client.say('RSET');
  });

  test('a domain that is not verified yet', async () => {
    client = await world.session(account);
    const { text } = await client.say(`MAIL FROM:<a@${unverified}>`);
    expect(text).toMatch(/^550 5\.7\.1 .*not verified/);
  });

  test("another tenant's domain is foreign", async () => {
    client = await world.session(account);
    expect((await client.say(`MAIL FROM:<a@${other.domain}>`)).text).toMatch(/^550 5\.7\.1 /);
  });
});

describe('not an open relay', () => {
  test('before TLS', async () => {
    client = await openRawClient(world.config.starttlsPort);
    await client.say('EHLO client.example.net');
    expect((await client.say(`MAIL FROM:<${from}>`)).text).toMatch(/^530 5\.7\.0 /);
    expect((await client.say('MAIL FROM:<>')).text).toMatch(/^530 5\.7\.0 /);
    const token = Buffer.from(`\0${account.username}\0${account.password}`).toString('base64');
    expect((await client.say(`AUTH PLAIN ${token}`)).text).toMatch(/^538 5\.7\.0 /);
    expect((await client.say('AUTH LOGIN')).text).toMatch(/^538 5\.7\.0 /);
  });

  test('under TLS, before AUTH, for every address', async () => {
    client = await openRawClient(world.config.tlsPort, { ca: world.ca });
    await client.say('EHLO client.example.net');
    for (const address of [from, '', 'a@example.com', '@x.test:a@example.com', 'a%b@example.com']) {
      expect((await client.say(`MAIL FROM:<${address}>`)).text).toMatch(/^530 5\.7\.0 /);
    }
    expect((await client.say('DATA')).text).toMatch(/^530 5\.7\.0 /);
  });

  test('AUTH is offered under TLS only', async () => {
    client = await openRawClient(world.config.starttlsPort);
    expect(client.greeting.text).toBe('220 relay.example.org ESMTP');
    const offered = [
      'relay.example.org',
      'PIPELINING',
      '8BITMIME',
      'SMTPUTF8',
      'ENHANCEDSTATUSCODES',
    ];
    const before = await client.say('EHLO client.example.net');
    expect(before.lines).toEqual([...offered, 'STARTTLS', 'SIZE 200000']);
    await client.say('STARTTLS');
    await client.startTls(world.ca);
    const after = await client.say('EHLO client.example.net');
    expect(after.lines).toEqual([...offered, 'AUTH PLAIN LOGIN', 'SIZE 200000']);
  });

  test('clear text that is pipelined after STARTTLS is discarded (RFC 3207 5)', async () => {
    client = await openRawClient(world.config.starttlsPort);
    await client.say('EHLO client.example.net');
    client.write('STARTTLS\r\nEHLO evil.example.net\r\nAUTH PLAIN AGEAYg==\r\n');
    expect((await client.read()).code).toBe(220);
    await client.startTls(world.ca);
    // Neither answered nor kept.
    expect((await client.say('MAIL FROM:<>')).text).toMatch(/^503 5\.5\.1 /);
  });
});

describe('at the end of DATA', () => {
  const cases: [name: string, content: (own: string) => string, reply: RegExp][] = [
    ['bare LF', (own) => message(own, [], 'a\nb\r\n'), /^554 5\.6\.0 .*LF/],
    ['bare CR', (own) => message(own, [], 'a\rb\r\n'), /^554 5\.6\.0 .*CR/],
    ['NUL', (own) => message(own, [], 'a\0b\r\n'), /^554 5\.6\.0 .*NUL/],
    ['a line of 999', (own) => message(own, [], `${'x'.repeat(999)}\r\n`), /^554 5\.6\.0 .*998/],
    ['bare LF in the header', (own) => message(own, ['X: a\nBcc: b@example.net']), /^554 5\.6\.0 /],
    ['an invalid header', (own) => message(own, ['not a field']), /^554 5\.6\.0 .*malformed/],
    ['two Subjects', (own) => message(own, ['Subject: other']), /^554 5\.6\.0 .*more than one/],
    ['no From', () => 'Subject: x\r\n\r\nx\r\n', /^550 5\.7\.1 .*exactly one/],
    ['nothing at all', () => '', /^550 5\.7\.1 /],
    ['two From', (own) => message(own, [`From: <${own}>`]), /^550 5\.7\.1 .*exactly one/],
    ['a foreign From', () => message('a@example.com'), /^550 5\.7\.1 /],
    ['a foreign author among ours', (own) => message(`${own}>, <x@example.com`), /^550 5\.7\.1 /],
    [
      'a foreign address in the name',
      (own) => `From: x@example.com <${own}>\r\n\r\nx\r\n`,
      /^550 5\.7\.1 /,
    ],
    ['From without an address', () => 'From: nobody\r\n\r\nx\r\n', /^550 5\.7\.1 /],
    [
      'a loop',
      (own) =>
        message(
          own,
          Array.from({ length: 51 }, () => 'Received: x'),
        ),
      /^554 5\.4\.6 /,
    ],
    ['too big', (own) => message(own, [], `${'x'.repeat(900)}\r\n`.repeat(240)), /^552 5\.3\.4 /],
    [
      'a UTF-8 address in To',
      (own) => message(own, ['To: <\u00fc@x.test>']),
      /^554 5\.6\.7 .*SMTPUTF8/,
    ],
    ['a long header word', (own) => message(own, [`X: ${'x'.repeat(999)}`]), /^554 5\.6\.0 .*998/],
  ];
  test.each(cases)('%s', async (_name, content, reply) => {
    client = await world.session(account);
    const octets = Buffer.from(content(from), 'latin1');
    expect((await submit(client, from, ['b@example.net'], octets)).text).toMatch(reply);
    expect((await client.say('NOOP')).code).toBe(250);
  });

  test.each([
    ['alone', () => message(`a@${unverified}`)],
    ['beside a verified one', () => message(`${from}>, <a@${unverified}`)],
  ])('an author of a domain that is not verified yet, %s', async (_name, content) => {
    client = await world.session(account);
    const { text } = await submit(client, from, ['b@example.net'], Buffer.from(content()));
    expect(text).toMatch(/^550 5\.7\.1 .*not verified/);
  });

  test('fifty Received fields are not a loop', async () => {
    client = await world.session(account);
    const fields = Array.from({ length: 50 }, () => 'Received: x');
    expect((await submit(client, from, ['b@example.net'], message(from, fields))).code).toBe(250);
    await expect.poll(() => world.taken.splice(0).length).toBe(1);
  });
});

describe('no end-of-data variant splits a message (SMTP smuggling)', () => {
  const ends = [
    '\n.\n',
    '\n.\r\n',
    '\r.\r',
    '\r.\r\n',
    '\r\n.\n',
    '\r\n.\r',
    '\r\n\0.\r\n',
    '\n\n.\r\n',
    '\r\n.\r\r\n',
  ];
  test.each(ends.map((end) => [JSON.stringify(end), end]))('%s', async (_name, end) => {
    client = await world.session(account);
    const smuggled = `MAIL FROM:<${from}>\r\nRCPT TO:<victim@example.net>\r\nDATA\r\n${message(from)}`;
    const reply = await submit(
      client,
      from,
      ['b@example.net'],
      `${message(from, [], 'x')}${end}${smuggled}`,
    );
    expect(reply.text).toMatch(/^554 5\.6\.0 /);
    expect((await client.say('NOOP')).text).toBe('250 2.0.0 OK');
  });
});
