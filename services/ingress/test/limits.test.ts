import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import { openRawClient, type RawClient } from './support/client.ts';
import { message, submit } from './support/submit.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let account: Account;
let from: string;

beforeAll(async () => {
  world = await openWorld({
    COMMAND_TIMEOUT: '2s',
    DATA_TIMEOUT: '3s',
    SIZE_LIMIT: '100000',
    CONNECTIONS_PER_ADDRESS: '20',
    MESSAGES_PER_CONNECTION: '3',
  });
  account = await world.account();
  from = `a@${account.domain}`;
  await world.consume();
  await world.start();
});
afterAll(() => world.close());

/** Sends one octet after the other, until the connection ends. */
async function trickle(client: RawClient): Promise<number> {
  const started = performance.now();
  while (!client.isClosed()) {
    client.write('x');
    await sleep(100);
  }
  return performance.now() - started;
}

test('a client that sends a command one octet at a time is disconnected', async () => {
  const client = await openRawClient(world.config.starttlsPort);
  const took = await trickle(client);
  expect(took).toBeGreaterThan(1_000);
  expect(took).toBeLessThan(6_000);
  expect((await client.read()).text).toMatch(/^421 4\.4\.2 /);
});

test('a client that sends its message one octet at a time is disconnected', async () => {
  const client = await world.session(account);
  await client.say(`MAIL FROM:<${from}>`);
  await client.say('RCPT TO:<b@example.net>');
  await client.say('DATA');
  client.write(message(from));
  expect(await trickle(client)).toBeLessThan(8_000);
  expect((await client.read()).text).toMatch(/^421 4\.4\.2 /);
});

test('a message without an end is cut off', async () => {
  const client = await world.session(account);
  await client.say(`MAIL FROM:<${from}>`);
  await client.say('RCPT TO:<b@example.net>');
  await client.say('DATA');
  const line = `${'x'.repeat(998)}\r\n`.repeat(20);
  while (!client.isClosed()) {
    client.write(line);
    await sleep(20);
  }
  expect((await client.read()).text).toMatch(/^552 5\.3\.4 /);
});

test('more connections than one address may have are refused, another address is served', async () => {
  // At once, because an idle connection ends after COMMAND_TIMEOUT.
  const idle = await Promise.all(
    Array.from({ length: 20 }, () => openRawClient(world.config.starttlsPort)),
  );
  const refused = await openRawClient(world.config.starttlsPort);
  expect(refused.greeting.code).toBe(421);
  const other = await openRawClient(world.config.starttlsPort, { from: '127.0.0.2' });
  expect(other.greeting.code).toBe(220);
  for (const client of [...idle, other]) client.destroy();
  await eventually(async () => {
    const again = await openRawClient(world.config.starttlsPort);
    again.destroy();
    expect(again.greeting.code).toBe(220);
  });
});

test('a session with STARTTLS returns its slot when it ends', async () => {
  for (let n = 0; n < 30; n += 1) {
    const client = await world.session(account);
    await client.say('QUIT');
    await client.closed();
  }
  await eventually(async () => {
    const again = await openRawClient(world.config.starttlsPort);
    again.destroy();
    expect(again.greeting.code).toBe(220);
  });
});

test('a TLS connection without a handshake does not last', async () => {
  const sockets = Array.from({ length: 25 }, () => connect(world.config.tlsPort, '127.0.0.1'));
  const closed = sockets.map(
    (socket) =>
      new Promise<void>((resolve) => {
        socket.on('error', () => undefined).on('close', () => resolve());
      }),
  );
  // Connections above the limit are refused at once, the others when they take too long.
  await Promise.all(closed);
  const client = await openRawClient(world.config.tlsPort, { ca: world.ca });
  expect(client.greeting.code).toBe(220);
  client.destroy();
});

test('messages on one connection are limited', async () => {
  const client = await world.session(account);
  for (let n = 0; n < 3; n += 1) {
    expect((await submit(client, from, ['b@example.net'], message(from))).code).toBe(250);
  }
  expect((await client.say(`MAIL FROM:<${from}>`)).text).toMatch(/^421 4\.7\.0 /);
  await client.closed();
});

test('invalid input ends a connection, never the service', async () => {
  for (const rubbish of [
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    '\u0016\u0003\u0001\u0002\0\u0001\0',
    'x'.repeat(100_000),
    '\r\n'.repeat(1_000),
    'EHLO \0\r\nMAIL FROM:<\r\n',
    `EHLO ${'a'.repeat(5_000)}\r\n`,
  ]) {
    const client = await openRawClient(world.config.starttlsPort);
    client.write(rubbish);
    await sleep(50);
    client.socket().resetAndDestroy();
  }
  for (let n = 0; n < 20; n += 1) {
    const socket = connect(world.config.tlsPort, '127.0.0.1', () => {
      socket.write('not TLS at all\r\n');
      setTimeout(() => socket.resetAndDestroy(), n);
    });
    socket.on('error', () => undefined);
  }
  await sleep(200);
  const client = await world.session(account);
  expect((await submit(client, from, ['b@example.net'], message(from))).code).toBe(250);
  client.destroy();
});

test('connections that clients reset during TLS are not kept', async () => {
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const below = connect(world.config.tlsPort, '127.0.0.1');
        below.on('error', () => undefined);
        connectTls({ socket: below, ca: world.ca }).on('error', () => undefined);
        await sleep(n * 4);
        below.resetAndDestroy();
      }),
    );
  }
  await eventually(async () => {
    expect(await world.metric('mysmtp_smtp_sessions')).not.toMatch(/listener="tls"\} [1-9]/);
  });
});

test('sessions are counted, and the count decreases when they end', async () => {
  await eventually(async () => {
    expect(await world.metric('mysmtp_smtp_sessions')).toMatch(/listener="starttls"\} 0/);
  });
});
