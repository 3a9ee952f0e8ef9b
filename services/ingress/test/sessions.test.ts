import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import { message } from './support/submit.ts';
import { takenFor } from './support/taken.ts';
import { openWorld, type World } from './support/world.ts';

// Sessions of real clients: devices that half-close, scripts that end lines in LF.

let world: World;
let account: Account;
let from: string;

beforeAll(async () => {
  world = await openWorld({ COMMAND_TIMEOUT: '4s', POSTMASTER: 'hostmaster@example.org' });
  account = await world.account();
  from = `a@${account.domain}`;
  await world.network(account, '127.0.0.0/8');
  await world.consume();
  await world.start();
});
afterAll(() => world.close());

/** All replies of the network listener to these octets. The client side is closed after them, or not. */
async function pipe(octets: string, ending: 'half-close' | 'wait' = 'half-close'): Promise<string> {
  const port = world.config.networkPort ?? 0;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write(octets);
  if (ending === 'half-close') socket.end();
  const payload = await text(socket);
  socket.destroy();
  return payload;
}

const commands = (to: readonly string[] = ['<b@example.net>']) =>
  ['EHLO device.example.net', `MAIL FROM:<${from}>`, ...to.map((one) => `RCPT TO:${one}`), 'DATA']
    .map((line) => `${line}\r\n`)
    .join('');

/** The reply to the message among all replies. */
function accepted(payload: string): { code: number; text: string } {
  const line =
    payload.split('\r\n').find((one) => one.startsWith('250 2.0.0 Ok: queued')) ?? payload;
  return { code: 250, text: line };
}

describe('a client that sends everything and closes its side', () => {
  test.each([
    ['with QUIT', 'QUIT\r\n', /\r\n221 .*\r\n$/],
    ['without QUIT', '', /\r\n250 2\.0\.0 Ok: queued as .*\r\n$/],
  ])('%s gets its 250 before the connection ends', async (_how, last, end) => {
    const payload = await pipe(`${commands()}${message(from)}.\r\n${last}`);
    expect(payload).toMatch(end);
    await takenFor(world, accepted(payload));
  });
});

describe('a bare LF', () => {
  test('is reported at once to a client whose lines all end in it', async () => {
    const all = `${commands()}${message(from)}.\r\n`.replaceAll('\r\n', '\n');
    expect(await pipe(all, 'wait')).toMatch(/^220 .*\r\n521 5\.5\.2 .*<LF>.*\r\n$/);
  });

  test('ends a session after valid commands too', async () => {
    expect(await pipe('EHLO x\r\nNOOP\nNOOP\n', 'wait')).toMatch(/\r\n521 5\.5\.2 .*\r\n$/);
  });
});

test('the greeting is not delayed, and a client that sends first is served', async () => {
  const times: number[] = [];
  for (let n = 0; n < 20; n += 1) {
    const begun = performance.now();
    expect(await pipe('QUIT\r\n')).toMatch(/^220 .*\r\n221 /);
    times.push(performance.now() - begun);
  }
  // The library would wait 100 ms each time. A busy machine does not delay all of them.
  expect(Math.min(...times)).toBeLessThan(90);
});

test('the first dot of each line is removed, for any following octet (RFC 5321 4.5.2)', async () => {
  const payload = await pipe(
    `${commands()}${message(from, [], '. \r\n.\tx\r\n..\r\n.y\r\n')}.\r\n`,
  );
  const { message: octets } = await takenFor(world, accepted(payload));
  expect(octets?.toString().split('\r\n\r\n').slice(1).join('')).toBe(' \r\n\tx\r\n.\r\ny\r\n');
});

describe('RCPT accepts exactly the mailbox', () => {
  test.each([
    '"odd user"@example.net',
    '"x@victim.example"@example.net',
    '"foo..bar"@example.net',
    'x@ex_ample.net',
    'a..b@example.net',
    'a.@example.net',
    'u@xn--ab-yuc.com',
    'b@[IPv6:2001:DB8::1]',
  ])('%s', async (address) => {
    const payload = await pipe(`${commands([`<${address}>`])}${message(from)}.\r\n`);
    const { envelope } = await takenFor(world, accepted(payload));
    expect(envelope.recipients.map((recipient) => recipient.address)).toEqual([address]);
  });

  test.each(['Postmaster', 'postmaster', 'POSTMASTER'])(
    'of the postmaster: <%s> (RFC 5321 4.5.1)',
    async (name) => {
      const payload = await pipe(`${commands([`<${name}>`])}${message(from)}.\r\n`);
      const { envelope } = await takenFor(world, accepted(payload));
      expect(envelope.recipients.map(({ address }) => address)).toEqual(['hostmaster@example.org']);
    },
  );

  test.each(['a@-b.test', 'a@b-.test', 'someone'])('but not <%s>', async (address) => {
    expect(await pipe(commands([`<${address}>`]))).toMatch(/\r\n50[13] 5\.[15]\.\d [^\r]*\r\n503 /);
  });
});

test.each(['SIZE=100', 'SMTPUTF8', 'BODY=8BITMIME', 'AUTH=<>'])(
  'HELO offers nothing: %s is refused',
  async (parameter) => {
    const payload = await pipe(
      `HELO x\r\nMAIL FROM:<${from}> ${parameter}\r\nMAIL FROM:<${from}>\r\n`,
    );
    expect(payload).toMatch(/\r\n555 5\.5\.4 .*\r\n250 2\.1\.0 .*\r\n$/);
  },
);

test('a command line that is too long is answered, and the session goes on', async () => {
  const payload = await pipe(`EHLO x\r\nNOOP ${'x'.repeat(600)}\r\nNOOP\r\n`);
  expect(payload).toMatch(/\r\n500 5\.5\.2 .*\r\n250 2\.0\.0 OK\r\n$/);
});

test('after the 250 of a slow upload the client has the full time for its next command', async () => {
  const client = await world.session(account);
  for (const line of [`MAIL FROM:<${from}>`, 'RCPT TO:<b@example.net>', 'DATA']) {
    await client.say(line);
  }
  const lines = message(from, [], 'x\r\n'.repeat(30)).split('\r\n');
  for (const line of lines) {
    client.write(`${line}\r\n`);
    await sleep(120);
  }
  expect((await client.say('.')).code).toBe(250);
  // The timeout sweep runs once a second: it has run at least once when this is answered.
  await sleep(1_300);
  expect((await client.say('NOOP')).code).toBe(250);
  client.destroy();
});

test('a client that disconnects inside DATA counts as abandoned, not as refused', async () => {
  const refusals = () => world.metric('mysmtp_smtp_refusals_total');
  const before = await refusals();
  const client = await world.session(account);
  for (const line of [`MAIL FROM:<${from}>`, 'RCPT TO:<b@example.net>', 'DATA']) {
    await client.say(line);
  }
  client.write(message(from));
  client.destroy();
  await expect
    .poll(() => world.metric('mysmtp_messages_abandoned_total'))
    .toMatch(/listener="starttls"\} 1/);
  expect(await refusals()).toBe(before);
});
