import { createSecureContext, type SecureContext } from 'node:tls';
import type { TlsTicket, TlsUse } from '@mysmtp/smtp-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOpportunisticTls } from '../../src/dial/tls.ts';
import { selfSigned } from '../self-signed.ts';
import { failureOf, openScene, type Scene } from './scene.ts';

const certificate = selfSigned();
const zone = { a: { 'mx.test': ['127.0.0.2'] } };

let scene: Scene;
beforeEach(() => {
  scene = openScene();
});
afterEach(() => scene.cleanup.disposeAsync());

test('any certificate is accepted, and its details are kept', async () => {
  await scene.serverAt('127.0.0.2', undefined, { tls: certificate });
  const { dial } = await scene.dialWith(zone);
  const { session } = await dial(scene.site('mx.test'));
  expect(session.security).toMatchObject({
    tls: true,
    version: 'TLSv1.3',
    isAuthorized: false,
    authorizationError: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    certificate: { subject: 'CN=somebody.else.test' },
  });
});

test.each(['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const)(
  'a server that supports only %s gets this version',
  async (version) => {
    const tls = {
      ...certificate,
      minVersion: version,
      maxVersion: version,
      ciphers: 'ALL:@SECLEVEL=0',
    };
    await scene.serverAt('127.0.0.2', undefined, { tls });
    const { dial } = await scene.dialWith(zone);
    const { session } = await dial(scene.site('mx.test'));
    expect(session.security).toMatchObject({ tls: true, version });
  },
);

test('the host’s name is in SNI', async () => {
  const names: string[] = [];
  const tls = {
    ...certificate,
    SNICallback(name: string, done: (error: null, context: SecureContext) => void) {
      names.push(name);
      done(null, createSecureContext(certificate));
    },
  };
  await scene.serverAt('127.0.0.2', undefined, { tls });
  const { dial } = await scene.dialWith(zone);
  await dial(scene.site('mx.test'));
  expect(names).toEqual(['mx.test']);
});

test('a session with the same host is resumed, with another one not', async () => {
  await scene.serverAt('0.0.0.0', undefined, { tls: certificate });
  const { dial } = await scene.dialWith({ a: { ...zone.a, 'other.test': ['127.0.0.3'] } });
  const isResumed = [];
  for (const host of ['mx.test', 'mx.test', 'other.test', 'mx.test']) {
    const { session } = await dial(scene.site(host));
    isResumed.push(session.security.tls && session.security.isResumed);
  }
  expect(isResumed).toEqual([false, true, false, true]);
});

describe('TLS fails', () => {
  test.each([
    ['STARTTLS is refused', '454 4.7.0 not now\r\n'],
    ['the server closes at STARTTLS', { end: 'close' }],
    ['the connection is reset at STARTTLS', { end: 'reset' }],
    ['the server closes in the handshake', { say: '220 go\r\n', end: 'close' }],
    ['the handshake takes too long', '220 ok\r\n'],
  ] as const)('%s: the same address is asked once more, in clear', async (_name, act) => {
    const server = await scene.serverAt(
      '127.0.0.2',
      (event) => (event === 'STARTTLS' ? act : undefined),
      { tls: certificate },
    );
    const { dial } = await scene.dialWith(zone, { commandTimeout: 1_500 });
    const { session } = await dial(scene.site('mx.test'));
    expect(session.security).toEqual({ tls: false, because: 'tls_failed' });
    expect(server.connections()).toBe(2);
  });

  test('and in clear the server refuses too: this reply is used', async () => {
    await scene.serverAt(
      '127.0.0.2',
      (event, nth) => {
        if (event === 'STARTTLS') return { end: 'close' };
        return event === 'EHLO' && nth === 2 ? '550 5.7.1 only with TLS\r\n' : undefined;
      },
      { tls: certificate },
    );
    const { dial } = await scene.dialWith(zone);
    const { text, permanent } = await failureOf(dial(scene.site('mx.test')));
    expect([text, permanent]).toEqual(['550 5.7.1 only with TLS', false]);
  });

  test('with a ticket: once more without it, and not in clear', async () => {
    const server = await scene.serverAt(
      '127.0.0.2',
      (event, nth) => (event === 'STARTTLS' && nth === 2 ? { end: 'close' } : undefined),
      { tls: certificate },
    );
    const { dial } = await scene.dialWith(zone);
    await dial(scene.site('mx.test'));
    const { session } = await dial(scene.site('mx.test'));
    expect(session.security).toMatchObject({ tls: true, isResumed: false });
    expect(server.connections()).toBe(3);
  });

  test.each(['STARTTLS', 'handshake'])('a signal at %s: no further connection', async (step) => {
    const server = await scene.serverAt(
      '127.0.0.2',
      (event) => {
        if (event !== 'STARTTLS') return undefined;
        return step === 'handshake' ? { say: '220 go\r\n' } : {};
      },
      { tls: certificate },
    );
    const { dial } = await scene.dialWith(zone);
    const stop = new AbortController();
    const failure = failureOf(dial(scene.site('mx.test'), stop.signal));
    await expect.poll(() => server.commands[1]).toBe('STARTTLS');
    stop.abort();
    expect((await failure).permanent).toBe(false);
    await expect.poll(() => server.open()).toBe(0);
    expect(server.connections()).toBe(1);
  });
});

describe('the cache of a host', () => {
  const ticket = (at: number): TlsTicket => ({
    session: Buffer.from('ticket'),
    identity: { at, isAuthorized: true, authorizationError: null, certificate: undefined },
  });
  const first = (uses: Iterable<TlsUse>): TlsUse & { use: 'if_offered' } => {
    const [use] = uses;
    if (use?.use !== 'if_offered') throw new Error('TLS comes first');
    return use;
  };

  test('has the ticket of the last hour', () => {
    const tls = createOpportunisticTls();
    const now = Date.now();
    for (const [age, isKept] of [
      [0, true],
      [3_700_000, false],
    ] as const) {
      first(tls.usesFor('mx.test')).onTicket?.(ticket(now - age));
      expect(first(tls.usesFor('mx.test')).resume !== undefined).toBe(isKept);
    }
  });

  test('drops a ticket that failed', () => {
    const tls = createOpportunisticTls();
    first(tls.usesFor('mx.test')).onTicket?.(ticket(Date.now()));
    expect([...tls.usesFor('mx.test')].length).toBe(3);
    expect([...tls.usesFor('mx.test')].length).toBe(2);
  });

  test('drops a ticket after a thousand others', () => {
    const tls = createOpportunisticTls();
    for (let n = 0; n <= 1_000; n += 1) {
      first(tls.usesFor(`mx${String(n)}.test`)).onTicket?.(ticket(Date.now()));
    }
    const isKept = (n: number) => first(tls.usesFor(`mx${String(n)}.test`)).resume !== undefined;
    expect([0, 1, 1_000].map(isKept)).toEqual([false, true, true]);
  });
});
