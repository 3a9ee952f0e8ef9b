import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, type SecureContextOptions } from 'node:tls';
import { internalApis } from '@mysmtp/contracts';
import { certificatesOf, type Certificates } from '@mysmtp/local-stack';
import { createLogger } from '@mysmtp/log';
import { ConfigError, openHttpTls, type HttpTls } from '@mysmtp/service';
import { eventually } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CallError, createServiceClient, implement, openApi, type Api } from '../src/index.ts';

const nothing = new CallError('privacy', 0);
let opened: AsyncDisposableStack;
let dir: string;
let requests: number;
let lines: string[];

beforeEach(async () => {
  opened = new AsyncDisposableStack();
  requests = 0;
  lines = [];
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-tls-'));
  opened.defer(() => rm(dir, { recursive: true }));
});
afterEach(() => opened.disposeAsync());

/** Certificates of its own CA: for this machine, and for a host with another name. */
const issue = (authority: string) =>
  certificatesOf(path.join(dir, authority), {
    here: ['localhost', '127.0.0.1'],
    other: ['mysmtp-identity'],
  });

/**
 * The settings of these files that a service reads: for its internal API, and for its public one if it has
 * TLS.
 */
const tlsOf = ({ certFile, keyFile, caFile }: Certificates, api?: Certificates): Promise<HttpTls> =>
  openHttpTls({
    config: {
      bindAddress: '127.0.0.1',
      apiTlsCertFile: api?.certFile,
      apiTlsKeyFile: api?.keyFile,
      apiWithoutTls: false,
      internalTlsCertFile: certFile,
      internalTlsKeyFile: keyFile,
      internalTlsCaFile: caFile,
    },
    log: createLogger('privacy', 'info', { write: (line) => void lines.push(line) }),
    metrics: new Registry(),
    manage: (resource, close) => opened.adopt(resource, async (adopted) => close(adopted)),
  });

async function serve(tls?: HttpTls): Promise<Api> {
  const api = await openApi({
    service: 'privacy',
    address: '127.0.0.1',
    port: 0,
    internalPort: 0,
    ...(tls === undefined ? undefined : { tls }),
    log: createLogger('privacy', 'error'),
    metrics: new Registry(),
    tokens: () => undefined,
    callers: { verify: async () => 'logging' },
    routes: [
      implement(internalApis.keyDays, 'Days of keys', async () => {
        requests += 1;
        return { mail: 7, events: 8 };
      }),
    ],
  });
  return opened.adopt(api, (adopted) => adopted.close());
}

const clientOf = (port: number, tls?: HttpTls, host = '127.0.0.1', scheme = 'https') =>
  createServiceClient({
    service: 'privacy',
    baseUrl: `${scheme}://${host}:${String(port)}`,
    tokens: { tokenFor: async () => 'token' },
    ...(tls === undefined ? undefined : { tls }),
  });
const ask = (client: ReturnType<typeof clientOf>) => client.call(internalApis.keyDays, {});

test.each(['127.0.0.1', 'localhost'])('a service is called with TLS as %s', async (host) => {
  const tls = await tlsOf((await issue('ours'))('here'));
  const { internalPort } = await serve(tls);
  expect(await ask(clientOf(internalPort, tls, host))).toEqual({ mail: 7, events: 8 });
});

test('a server with a certificate of another authority gets no request', async () => {
  const { internalPort } = await serve(await tlsOf((await issue('others'))('here')));
  const tls = await tlsOf((await issue('ours'))('here'));
  await expect(ask(clientOf(internalPort, tls))).rejects.toThrow(nothing);
  expect(requests).toBe(0);
});

test('a server with a certificate for another name gets no request', async () => {
  const files = await issue('ours');
  const { internalPort } = await serve(await tlsOf(files('other')));
  const tls = await tlsOf(files('here'));
  await expect(ask(clientOf(internalPort, tls))).rejects.toThrow(nothing);
  expect(requests).toBe(0);
});

test('with TLS on one side only, no request succeeds', async () => {
  const tls = await tlsOf((await issue('ours'))('here'));
  const { internalPort } = await serve(tls);
  await expect(ask(clientOf(internalPort, undefined, '127.0.0.1', 'http'))).rejects.toThrow(
    nothing,
  );
  expect(requests).toBe(0);

  const plain = createServer((_, response) => response.end('{"mail":7,"events":8}'));
  plain.listen(0, '127.0.0.1');
  await once(plain, 'listening');
  opened.defer(() => void plain.close());
  const { port } = plain.address() as AddressInfo;
  await expect(ask(clientOf(port, tls))).rejects.toThrow(nothing);
});

test('services do not speak TLS 1.2 with each other', async () => {
  const files = (await issue('ours'))('here');
  const { internalPort: port } = await serve(await tlsOf(files));
  const socket = connect({ port, ca: await readFile(files.caFile), maxVersion: 'TLSv1.2' });
  await expect(once(socket, 'secureConnect')).rejects.toThrow();
  socket.destroy();
});

test('https without an authority is refused when the service starts', () => {
  expect(() => clientOf(1)).toThrow(
    new ConfigError([
      { setting: 'INTERNAL_TLS_CA_FILE', reason: 'is required: PRIVACY_URL has https' },
    ]),
  );
});

test('a replaced certificate and authority are used without a restart', async () => {
  const files = (await issue('ours'))('here');
  const tls = await tlsOf(files);
  const { internalPort } = await serve(tls);
  const client = clientOf(internalPort, tls);
  expect(await ask(client)).toBeDefined();

  const renewed = (await issue('renewed'))('here');
  const early = await tlsOf(renewed);
  // A client that trusts only the new authority refuses the old certificate.
  await expect(ask(clientOf(internalPort, early))).rejects.toThrow(nothing);
  await copyFile(renewed.keyFile, files.keyFile);
  await copyFile(renewed.certFile, files.certFile);
  await eventually(async () => expect(await ask(clientOf(internalPort, early))).toBeDefined());
  await copyFile(renewed.caFile, files.caFile);
  await eventually(async () => {
    const fresh = clientOf(internalPort, tls);
    expect(await ask(fresh)).toBeDefined();
    expect(await ask(client)).toBeDefined();
  });
  expect(lines.filter((line) => line.includes('certificate.reloaded'))).toHaveLength(2);
});

/** The status of the public API for a client that trusts this authority. */
async function askPublic(port: number, ca: Buffer, options: SecureContextOptions = {}) {
  const asked = get({ port, path: '/openapi.json', ca, agent: false, ...options });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

test('the public API supports TLS 1.2 and 1.3 and no plain text', async () => {
  const files = (await issue('ours'))('here');
  const { port } = await serve(await tlsOf(files, files));
  const ca = await readFile(files.caFile);
  expect(await askPublic(port, ca, { minVersion: 'TLSv1.3' })).toBe(200);
  expect(await askPublic(port, ca, { maxVersion: 'TLSv1.2' })).toBe(200);
  await expect(fetch(`http://127.0.0.1:${String(port)}/openapi.json`)).rejects.toThrow();
});

test.each([
  ['TLS 1.1', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' }],
  ['CBC', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' }],
] as const)('the public API does not support %s', async (_, options) => {
  const files = (await issue('ours'))('here');
  const { port } = await serve(await tlsOf(files, files));
  await expect(askPublic(port, await readFile(files.caFile), options)).rejects.toThrow();
});

test('the public API uses a replaced certificate without a restart', async () => {
  const files = (await issue('ours'))('here');
  const { port } = await serve(await tlsOf(files, files));
  const renewed = (await issue('renewed'))('here');
  const ca = await readFile(renewed.caFile);
  await expect(askPublic(port, ca)).rejects.toThrow();
  await copyFile(renewed.keyFile, files.keyFile);
  await copyFile(renewed.certFile, files.certFile);
  await eventually(async () => expect(await askPublic(port, ca)).toBe(200));
});
