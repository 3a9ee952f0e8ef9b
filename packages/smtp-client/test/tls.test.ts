import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { localCertificates } from '@mysmtp/local-stack';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SessionFailure, type Session, type TlsTicket, type TlsUse } from '../src/index.ts';
import { envelope, message, open, patient } from './client.ts';
import {
  startScriptedServer,
  type Act,
  type Script,
  type ScriptedServer,
} from '@mysmtp/test-kit/scripted-server';

let certificate: { readonly ca: string; readonly cert: string; readonly key: string };
beforeAll(async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-tls-'));
  const { caFile, certFile, keyFile } = await localCertificates(dir);
  const [ca = '', cert = '', key = ''] = await Promise.all(
    [caFile, certFile, keyFile].map((file) => readFile(file, 'utf8')),
  );
  certificate = { ca, cert, key };
  await rm(dir, { recursive: true });
});

const servers: ScriptedServer[] = [];
const sessions: Session[] = [];
afterAll(() => {
  for (const session of sessions) session.break();
  for (const server of servers) server.close();
});

async function start(script: Script = () => undefined, offersTls = true): Promise<ScriptedServer> {
  const server = await startScriptedServer(script, {
    extensions: ['PIPELINING'],
    ...(offersTls ? { tls: certificate } : {}),
  });
  servers.push(server);
  return server;
}

async function opened(port: number, tls: TlsUse): Promise<Session> {
  const session = await open(port, { tls });
  sessions.push(session);
  return session;
}

const ifOffered: TlsUse = { use: 'if_offered', serverName: 'localhost' };

/** `silent`: the stage at which the server says nothing. */
async function failureOf(port: number, silent?: string): Promise<SessionFailure> {
  const timeouts = silent === undefined ? patient : { ...patient, [silent]: 250 };
  const error: unknown = await open(port, { tls: ifOffered, timeouts }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SessionFailure);
  return error as SessionFailure;
}

test('a message goes over TLS, and EHLO is repeated', async () => {
  const server = await start();
  const session = await opened(server.port, {
    ...ifOffered,
    options: { ca: certificate.ca },
  });
  expect(session.security).toMatchObject({
    tls: true,
    version: 'TLSv1.3',
    cipher: expect.stringContaining('AES'),
    isAuthorized: true,
    authorizationError: null,
    certificate: { subject: 'CN=localhost' },
  });
  const { recipients } = await session.send(envelope('a@example.org'), message);
  expect(recipients).toMatchObject([{ outcome: 'accepted' }]);
  expect(server.commands.slice(0, 4)).toEqual([
    'EHLO relay.example.net',
    'STARTTLS',
    'EHLO relay.example.net',
    'MAIL FROM:<sender@example.net>',
  ]);
  expect(session.capabilities).toMatchObject({ pipelining: true, startTls: false });
  await session.close();
  expect(session.end()).toEqual({ how: 'closed' });
});

test('a large message goes over TLS, in memory and streamed', async () => {
  const server = await start();
  const session = await opened(server.port, ifOffered);
  const line = `${'x'.repeat(70)}\r\n`;
  const large = Buffer.from(line.repeat(20_000));
  async function* read(): AsyncGenerator<Buffer> {
    for (let at = 0; at < large.length; at += 100_000) yield large.subarray(at, at + 100_000);
  }
  for (const content of [large, read]) {
    const { recipients } = await session.send(envelope('a@example.org'), content);
    expect(recipients).toMatchObject([{ outcome: 'accepted' }]);
  }
  expect(server.messages.map((one) => one === large.toString())).toEqual([true, true]);
});

test.each([
  ['an unknown issuer', { serverName: 'localhost' }, 'SELF_SIGNED_CERT_IN_CHAIN'],
  ['another name', { serverName: 'mx.example.org' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
] as const)('%s is a fact, not a failure', async (what, name, authorizationError) => {
  const server = await start();
  const session = await opened(server.port, {
    use: 'always',
    ...name,
    ...(what === 'another name' ? { options: { ca: certificate.ca } } : {}),
  });
  expect(session.security).toMatchObject({ tls: true, isAuthorized: false, authorizationError });
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
  async function offered(): Promise<ScriptedServer> {
    const tls = { ...certificate, minVersion: version, maxVersion: version };
    const server = await startScriptedServer(() => undefined, { tls });
    servers.push(server);
    return server;
  }

  test('a ticket resumes the session, with the facts of the full handshake', async () => {
    const server = await offered();
    const tickets: TlsTicket[] = [];
    const onTicket = (ticket: TlsTicket): void => void tickets.push(ticket);
    const tls = {
      use: 'if_offered' as const,
      serverName: 'mx.example.org',
      options: { ca: certificate.ca },
      onTicket,
    };
    const first = await opened(server.port, tls);
    await expect.poll(() => tickets.length).toBeGreaterThan(0);
    const resumed = await opened(server.port, { ...tls, resume: tickets.at(-1) });
    expect(first.security).toMatchObject({ version, isResumed: false });
    expect(resumed.security).toMatchObject({
      version,
      isResumed: true,
      // Node does not compare the name of a resumed session.
      isAuthorized: false,
      authorizationError: 'ERR_TLS_CERT_ALTNAME_INVALID',
      certificate: { subject: 'CN=localhost' },
    });
    expect(tickets.at(-1)?.identity).toBe(tickets[0]?.identity);
  });

  test('with a server that does not accept the ticket there is a full handshake', async () => {
    const tickets: TlsTicket[] = [];
    const onTicket = (ticket: TlsTicket): void => void tickets.push(ticket);
    await opened((await offered()).port, { ...ifOffered, onTicket });
    await expect.poll(() => tickets.length).toBeGreaterThan(0);
    const other = await opened((await offered()).port, { ...ifOffered, resume: tickets.at(-1) });
    expect(other.security).toMatchObject({ tls: true, isResumed: false });
  });
});

test('the reason why a session is in clear text', async () => {
  const server = await start(undefined, false);
  const notOffered = await opened(server.port, ifOffered);
  expect(notOffered.security).toEqual({ tls: false, because: 'not_offered' });
  const failed = await opened(server.port, { use: 'never', because: 'tls_failed' });
  expect(failed.security).toEqual({ tls: false, because: 'tls_failed' });
  await expect(open(server.port, { tls: { ...ifOffered, use: 'always' } })).rejects.toMatchObject({
    failure: { stage: 'starttls', reason: 'not_offered', permanent: false },
  });
});

test('never: STARTTLS is not sent although it is offered', async () => {
  const server = await start();
  const session = await opened(server.port, { use: 'never', because: 'policy' });
  expect(session.security).toEqual({ tls: false, because: 'policy' });
  expect(server.commands).toEqual(['EHLO relay.example.net']);
});

describe('at STARTTLS', () => {
  test.each<[string, Act | string, object]>([
    ['421', { say: '421 4.3.2 bye\r\n', end: 'close' }, { reason: 'closing', code: 421 }],
    ['4xx', '454 4.7.0 not now\r\n', { reason: 'refused', code: 454 }],
    ['5xx', '554 5.7.0 no\r\n', { reason: 'refused', code: 554 }],
    ['another positive code', '250 ok\r\n', { reason: 'unexpected', code: 250 }],
    ['a line without a code', 'no\r\n', { reason: 'unreadable' }],
    ['silence', {}, { reason: 'timeout' }],
    ['close', { end: 'close' }, { reason: 'closed' }],
    ['reset', { end: 'reset' }, { reason: 'lost' }],
  ])('%s is a failure that is never permanent', async (name, act, expected) => {
    const server = await start((now) => (now === 'STARTTLS' ? act : undefined));
    const error = await failureOf(server.port, name === 'silence' ? 'starttls' : undefined);
    expect(error.failure).toMatchObject({ stage: 'starttls', permanent: false, ...expected });
    expect(error.isTls).toBe(true);
  });
});

describe('in the handshake', () => {
  // After these the server does not start TLS; only its own "220 go" does.
  test.each<[string, Act | string, string]>([
    ['garbage', { say: '220 ok\r\n' }, 'timeout'],
    ['close', { say: '220 ok\r\n', end: 'close' }, 'tls'],
    ['reset', { say: '220 ok\r\n', end: 'reset' }, 'tls'],
  ])('%s', async (name, act, reason) => {
    const server = await start((now) => (now === 'STARTTLS' ? act : undefined));
    if (name === 'garbage') {
      const opening = failureOf(server.port);
      // Octets of the handshake may look like a command.
      await expect.poll(() => server.commands[1]).toBe('STARTTLS');
      server.interject({ say: 'this is no TLS\r\n' });
      expect((await opening).failure).toMatchObject({ stage: 'tls', reason: 'tls' });
    }
    const error = await failureOf(server.port, name === 'garbage' ? 'tls' : undefined);
    // A reset may discard the 220, or arrive before the handshake has begun.
    const at = name === 'garbage' ? { stage: 'tls', reason } : { permanent: false };
    expect(error.failure).toMatchObject(at);
    expect(error.isTls).toBe(true);
  });
});

test('replies in clear text after 220 are dropped', async () => {
  // The server continues with TLS, as if an attacker had injected the other octets.
  const server = await startScriptedServer(
    (now) => (now === 'STARTTLS' ? '220 go\r\n250-mx.example.org\r\n250 DSN\r\n' : undefined),
    { extensions: ['PIPELINING'], tls: certificate },
  );
  servers.push(server);
  const session = await opened(server.port, ifOffered);
  expect(session.security.tls).toBe(true);
  expect(session.capabilities).toMatchObject({ dsn: false, pipelining: true });
  expect(server.commands.length).toBe(3);
});

test.each([
  ['a valid certificate', true, 'accepted'],
  ['one of an unknown issuer', false, 'refused'],
] as const)('REQUIRETLS, and the server has %s', async (_name, isKnown, outcome) => {
  const server = await startScriptedServer(() => undefined, {
    extensions: ['REQUIRETLS'],
    tls: certificate,
  });
  servers.push(server);
  const session = await opened(server.port, {
    ...ifOffered,
    ...(isKnown ? { options: { ca: certificate.ca } } : {}),
  });
  const needing = { ...envelope('a@example.org'), requireTls: true };
  const { recipients } = await session.send(needing, message);
  expect(recipients).toMatchObject([{ outcome }]);
  const mail = 'MAIL FROM:<sender@example.net> REQUIRETLS';
  expect(server.commands.filter((line) => line.startsWith('MAIL'))).toEqual(isKnown ? [mail] : []);
});

test('words in clear text over TLS, while idle, are a stale end', async () => {
  const server = await start();
  const session = await opened(server.port, ifOffered);
  await session.send(envelope('a@example.org'), message);
  server.interject({ say: '421 mx.example.org: SMTP command timeout - closing connection\r\n' });
  await expect.poll(() => session.isUsable()).toBe(false);
  expect(session.end()).toMatchObject({
    how: 'stale',
    failure: { stage: 'idle', reason: 'tls', permanent: false },
  });
  const { recipients } = await session.send(envelope('b@example.org'), message);
  expect(recipients).toMatchObject([{ outcome: 'unsent' }]);
});
