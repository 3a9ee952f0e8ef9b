import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { certificatesOf, type Certificates } from '@mysmtp/local-stack';
import { createLogger } from '@mysmtp/log';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  commonSettings,
  internalUrlSetting,
  openInternalTls,
  readConfig,
  type InternalTls,
} from '../src/index.ts';

const { bindAddress, internalTlsCertFile, internalTlsKeyFile, internalTlsCaFile } = commonSettings;
const settings = { bindAddress, internalTlsCertFile, internalTlsKeyFile, internalTlsCaFile };

let opened: AsyncDisposableStack;
let dir: string;
let files: Certificates;
let metrics: Registry;

beforeEach(async () => {
  opened = new AsyncDisposableStack();
  metrics = new Registry();
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-internal-tls-'));
  opened.defer(() => rm(dir, { recursive: true }));
  files = (await certificatesOf(dir, { privacy: ['mysmtp-privacy'] }))('privacy');
});
afterEach(() => opened.disposeAsync());

const open = (env: Readonly<Record<string, string>>): Promise<InternalTls> =>
  openInternalTls({
    config: readConfig(settings, env),
    log: createLogger('privacy', 'error'),
    metrics,
    own: (resource, close) => opened.adopt(resource, async (adopted) => close(adopted)),
  });

const named = () => ({
  INTERNAL_TLS_CERT_FILE: files.certFile,
  INTERNAL_TLS_KEY_FILE: files.keyFile,
  INTERNAL_TLS_CA_FILE: files.caFile,
});

test('a service that other machines reach has a certificate, which says when it ends', async () => {
  const { certificate, authority } = await open(named());
  expect(certificate?.current().cert).toEqual(await readFile(files.certFile));
  expect(authority?.current().ca).toEqual(await readFile(files.caFile));
  expect(await metrics.metrics()).toMatch(
    /^mysmtp_certificate_expiry_timestamp_seconds\{use="internal"\} \d{10}$/m,
  );
});

test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])(
  'on %s none is needed: only this machine reaches it',
  async (address) => {
    expect(await open({ BIND_ADDRESS: address })).toEqual({
      certificate: undefined,
      authority: undefined,
    });
  },
);

test.each(['', '0.0.0.0', '::', '10.0.0.1', 'host.example.org'])(
  'without one it does not start on "%s"',
  async (address) => {
    await expect(
      open({ BIND_ADDRESS: address, BACK_ENDS_WITHOUT_TLS: 'true' }),
    ).rejects.toMatchObject({
      problems: [{ setting: 'INTERNAL_TLS_CERT_FILE' }],
    });
  },
);

test.each<[string, string, () => Promise<unknown> | undefined, Readonly<Record<string, string>>]>([
  ['a certificate alone', 'KEY', () => undefined, { INTERNAL_TLS_KEY_FILE: '' }],
  [
    'a key alone',
    'CERT',
    () => undefined,
    { INTERNAL_TLS_CERT_FILE: '', BIND_ADDRESS: '127.0.0.1' },
  ],
  ['a certificate that is not there', 'CERT', () => rm(files.certFile), {}],
  ['something else in its place', 'CERT', () => writeFile(files.certFile, 'rubbish'), {}],
  ['something else in the place of the key', 'KEY', () => writeFile(files.keyFile, 'rubbish'), {}],
  ['something else in the place of the CA', 'CA', () => writeFile(files.caFile, 'rubbish'), {}],
])('%s is refused by the name of the setting', async (_, what, spoil, env) => {
  await spoil();
  await expect(open({ ...named(), ...env })).rejects.toMatchObject({
    problems: [{ setting: `INTERNAL_TLS_${what}_FILE` }],
  });
});

const url = (text: string) => () =>
  readConfig({ url: internalUrlSetting('PRIVACY_URL') }, { PRIVACY_URL: text });

test.each([
  'https://mysmtp-privacy:8081',
  'https://127.0.0.1:8081',
  'http://127.0.0.1:8081',
  'http://localhost:1',
  'http://[::1]:1',
])('another service may be at %s', (text) => {
  expect(url(text)()).toEqual({ url: text });
});

test.each([
  'http://mysmtp-privacy:8081',
  'http://10.0.0.1',
  'http://localhost.example.org',
  'http://[2001:db8::1]:1',
  'nowhere',
  'ftp://127.0.0.1',
])('a service does not start with another one at %s', (text) => {
  expect(url(text)).toThrow(
    'PRIVACY_URL: must be a URL with https, or with http if its host is a loopback address',
  );
});
