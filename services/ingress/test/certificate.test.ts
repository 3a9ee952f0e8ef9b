import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'node:tls';
import { localCertificates } from '@mysmtp/local-stack';
import { createLogger } from '@mysmtp/log';
import { openCertificate } from '@mysmtp/service';
import { eventually } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRawClient } from './support/client.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.start();
});
afterAll(() => world.close());

async function serial(): Promise<string> {
  const socket = connect({ port: world.config.tlsPort, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

async function otherCertificate(): Promise<{ cert: Buffer; key: Buffer; ca: Buffer }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-certificate-'));
  const { certFile, keyFile, caFile } = await localCertificates(dir);
  const files = {
    cert: await readFile(certFile),
    key: await readFile(keyFile),
    ca: await readFile(caFile),
  };
  await rm(dir, { recursive: true });
  return files;
}

test('a new certificate is used without a restart, an invalid one is not; sessions continue', async () => {
  const first = await serial();
  const open = await openRawClient(world.config.starttlsPort);
  const { cert, key, ca } = await otherCertificate();
  await writeFile(world.config.tlsCertFile, 'rubbish');
  await eventually(() => {
    expect(world.lines.map(({ event }) => event)).toContain('certificate.not_reloaded');
  });
  expect(await serial()).toBe(first);
  await writeFile(world.config.tlsKeyFile, key);
  await writeFile(world.config.tlsCertFile, cert);
  await eventually(async () => expect(await serial()).not.toBe(first));
  await open.say('EHLO client.example.net');
  await open.say('STARTTLS');
  await open.startTls(ca);
  open.destroy();
  expect(await world.metric('mysmtp_certificate_expiry_timestamp_seconds')).toMatch(/ \d{10}/);
});

/** As the kubelet mounts it: files are links through `..data`, a link that is replaced. */
async function mountSecret(
  dir: string,
  version: string,
  { cert, key }: { cert: Buffer; key: Buffer },
): Promise<void> {
  await mkdir(path.join(dir, version));
  await writeFile(path.join(dir, version, 'tls.crt'), cert);
  await writeFile(path.join(dir, version, 'tls.key'), key);
  await symlink(version, path.join(dir, '..data_tmp'));
  await rename(path.join(dir, '..data_tmp'), path.join(dir, '..data'));
}

test('a mounted Secret is reloaded each time its link is replaced', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-certificate-'));
  const certFile = path.join(dir, 'tls.crt');
  const keyFile = path.join(dir, 'tls.key');
  await mountSecret(dir, '..1', await otherCertificate());
  await symlink(path.join('..data', 'tls.crt'), certFile);
  await symlink(path.join('..data', 'tls.key'), keyFile);
  const log = createLogger('ingress', 'error');
  const certificate = await openCertificate({
    use: 'smtp',
    certFile,
    keyFile,
    log,
    metrics: new Registry(),
  });

  for (const version of [2, 3]) {
    const renewed = await otherCertificate();
    await mountSecret(dir, `..${String(version)}`, renewed);
    await rm(path.join(dir, `..${String(version - 1)}`), { recursive: true });
    await eventually(() => expect(certificate.current().cert).toEqual(renewed.cert));
    expect(certificate.current().key).toEqual(renewed.key);
  }
  certificate.close();
  await rm(dir, { recursive: true });
});

test.each([
  ['missing', 'TLS_CERT_FILE', 'cannot be read'],
  ['rubbish', 'TLS_CERT_FILE', 'is not a PEM certificate'],
  ['another key', 'TLS_KEY_FILE', 'is not the private key of TLS_CERT_FILE'],
])('%s: the start fails and the error names the setting', async (what, setting, reason) => {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-certificate-'));
  const { certFile, keyFile } = await localCertificates(dir);
  if (what === 'missing') await rm(certFile);
  if (what === 'rubbish') await writeFile(certFile, 'rubbish');
  if (what === 'another key') await writeFile(keyFile, (await otherCertificate()).key);
  const log = createLogger('ingress', 'error');
  await expect(
    openCertificate({ use: 'smtp', certFile, keyFile, log, metrics: new Registry() }),
  ).rejects.toMatchObject({ problems: [{ setting, reason }] });
  await rm(dir, { recursive: true });
});

test.each([
  ['TLSv1.1', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }],
  ['CBC', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' }],
  ['no forward secrecy', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }],
] as const)('%s is not spoken', async (_name, options) => {
  const socket = connect({
    port: world.config.tlsPort,
    rejectUnauthorized: false,
    ...options,
  });
  await expect(once(socket, 'secureConnect')).rejects.toThrow();
  socket.destroy();
});
