import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { certificatesOf, type Certificates } from '@mysmtp/local-stack';
import { createLogger } from '@mysmtp/log';
import { eventually } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  commonSettings,
  internalUrlSetting,
  openHttpTls,
  readConfig,
  type HttpTls,
} from '../src/index.ts';

const { bindAddress, apiTlsCertFile, apiTlsKeyFile, apiWithoutTls } = commonSettings;
const { internalTlsCertFile, internalTlsKeyFile, internalTlsCaFile } = commonSettings;
const settings = {
  bindAddress,
  apiTlsCertFile,
  apiTlsKeyFile,
  apiWithoutTls,
  internalTlsCertFile,
  internalTlsKeyFile,
  internalTlsCaFile,
};

let opened: AsyncDisposableStack;
let dir: string;
let files: Certificates;
let apiFiles: Certificates;
let metrics: Registry;

beforeEach(async () => {
  opened = new AsyncDisposableStack();
  metrics = new Registry();
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-http-tls-'));
  opened.defer(() => rm(dir, { recursive: true }));
  const made = await certificatesOf(dir, { privacy: ['mysmtp-privacy'], api: ['api.example.org'] });
  files = made('privacy');
  apiFiles = made('api');
});
afterEach(() => opened.disposeAsync());

const open = (env: Readonly<Record<string, string>>): Promise<HttpTls> =>
  openHttpTls({
    config: readConfig(settings, env),
    log: createLogger('privacy', 'error'),
    metrics,
    manage: (resource, close) => opened.adopt(resource, async (adopted) => close(adopted)),
  });

const named = () => ({
  API_TLS_CERT_FILE: apiFiles.certFile,
  API_TLS_KEY_FILE: apiFiles.keyFile,
  INTERNAL_TLS_CERT_FILE: files.certFile,
  INTERNAL_TLS_KEY_FILE: files.keyFile,
  INTERNAL_TLS_CA_FILE: files.caFile,
});

test('a service that other machines reach has a certificate, which has an expiry metric', async () => {
  const { apiCertificate, internalCertificate, authority } = await open(named());
  expect(internalCertificate?.current().cert).toEqual(await readFile(files.certFile));
  expect(apiCertificate?.current().cert).toEqual(await readFile(apiFiles.certFile));
  expect(authority?.current().ca).toEqual(await readFile(files.caFile));
  for (const use of ['internal', 'api']) {
    expect(await metrics.metrics()).toMatch(
      new RegExp(
        String.raw`^mysmtp_certificate_expiry_timestamp_seconds\{use="${use}"\} \d{10}$`,
        'm',
      ),
    );
  }
});

test('both APIs may share one certificate, and both follow its change', async () => {
  const { apiCertificate, internalCertificate } = await open({
    ...named(),
    API_TLS_CERT_FILE: files.certFile,
    API_TLS_KEY_FILE: files.keyFile,
  });
  await copyFile(apiFiles.keyFile, files.keyFile);
  await copyFile(apiFiles.certFile, files.certFile);
  const renewed = await readFile(apiFiles.certFile);
  await eventually(async () => {
    expect(apiCertificate?.current().cert).toEqual(renewed);
    expect(internalCertificate?.current().cert).toEqual(renewed);
  });
});

test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])(
  'on %s none is needed: only this machine reaches it',
  async (address) => {
    expect(await open({ BIND_ADDRESS: address })).toEqual({
      apiCertificate: undefined,
      internalCertificate: undefined,
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

const withoutApi = () => ({ ...named(), API_TLS_CERT_FILE: '', API_TLS_KEY_FILE: '' });

test.each(['', '0.0.0.0', '::', '10.0.0.1', 'host.example.org'])(
  'the public API is not served without one on "%s" either, unless a setting confirms that TLS is terminated in front of it',
  async (address) => {
    const env = { ...withoutApi(), BIND_ADDRESS: address };
    await expect(open(env)).rejects.toMatchObject({
      problems: [
        { setting: 'API_TLS_CERT_FILE', reason: expect.stringContaining('API_WITHOUT_TLS=true') },
      ],
    });
    const { apiCertificate, internalCertificate } = await open({ ...env, API_WITHOUT_TLS: 'true' });
    expect(apiCertificate).toBeUndefined();
    expect(internalCertificate).toBeDefined();
  },
);

test('plain HTTP and a certificate for the public API contradict each other', async () => {
  await expect(open({ ...named(), API_WITHOUT_TLS: 'true' })).rejects.toMatchObject({
    problems: [{ setting: 'API_WITHOUT_TLS' }],
  });
});

test.each<[string, string, () => Promise<unknown> | undefined, Readonly<Record<string, string>>]>([
  [
    'a certificate of the public API alone',
    'API_TLS_KEY',
    () => undefined,
    { API_TLS_KEY_FILE: '' },
  ],
  [
    'a key of the public API alone',
    'API_TLS_CERT',
    () => undefined,
    { API_TLS_CERT_FILE: '', BIND_ADDRESS: '127.0.0.1' },
  ],
  ['something else for the public API', 'API_TLS_CERT', () => writeFile(apiFiles.certFile, ''), {}],
  ['a certificate alone', 'INTERNAL_TLS_KEY', () => undefined, { INTERNAL_TLS_KEY_FILE: '' }],
  [
    'a key alone',
    'INTERNAL_TLS_CERT',
    () => undefined,
    { INTERNAL_TLS_CERT_FILE: '', BIND_ADDRESS: '127.0.0.1' },
  ],
  ['a missing certificate', 'INTERNAL_TLS_CERT', () => rm(files.certFile), {}],
  ['something else instead', 'INTERNAL_TLS_CERT', () => writeFile(files.certFile, 'rubbish'), {}],
  [
    'something else instead of the key',
    'INTERNAL_TLS_KEY',
    () => writeFile(files.keyFile, 'rubbish'),
    {},
  ],
  [
    'something else instead of the CA',
    'INTERNAL_TLS_CA',
    () => writeFile(files.caFile, 'rubbish'),
    {},
  ],
])('%s is refused by the name of the setting', async (_, what, spoil, env) => {
  await spoil();
  await expect(open({ ...named(), ...env })).rejects.toMatchObject({
    problems: [{ setting: `${what}_FILE` }],
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
