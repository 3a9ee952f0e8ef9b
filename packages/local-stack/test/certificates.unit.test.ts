import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serviceNames } from '@mysmtp/contracts';
import {
  internalCertificates,
  localCertificates,
  type Certificates,
} from '../src/stack/certificates.ts';

let dir: string;
let files: Certificates;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-certificates-'));
  files = await localCertificates(dir);
});
afterAll(() => rm(dir, { recursive: true }));

test.each(['localhost', '127.0.0.1', '::1'])(
  'a client that trusts the local CA trusts the server as %s',
  async (name) => {
    const [ca, cert, key] = await Promise.all(
      [files.caFile, files.certFile, files.keyFile].map((file) => readFile(file)),
    );
    if (cert === undefined || key === undefined || ca === undefined) throw new Error('unreachable');
    const server = createServer({ cert, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const identity = new X509Certificate(cert);
    expect(name === 'localhost' ? identity.checkHost(name) : identity.checkIP(name)).toBe(name);
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca });
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    socket.destroy();
    server.close();
  },
);

test('only the owner can read the key, and the next start reuses the certificate', async () => {
  expect((await stat(files.keyFile)).mode & 0o777).toBe(0o600);
  const before = await readFile(files.certFile, 'utf8');
  await localCertificates(dir);
  expect(await readFile(files.certFile, 'utf8')).toBe(before);
});

test('each service has a certificate and a key of its own, from a CA that issues no others', async () => {
  const folder = path.join(dir, 'internal');
  const of = await internalCertificates(folder, (name) => `release-${name}`);
  const keys = new Set<string>();
  for (const name of serviceNames) {
    const { caFile, certFile, keyFile } = of(name);
    const [ca, cert] = [await readFile(caFile), await readFile(certFile)];
    expect(new X509Certificate(cert).subjectAltName).toBe(`DNS:release-${name}`);
    expect(new X509Certificate(cert).verify(new X509Certificate(ca).publicKey)).toBe(true);
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    keys.add(await readFile(keyFile, 'utf8'));
  }
  expect(keys.size).toBe(serviceNames.length);
  expect(await readFile(of('privacy').caFile)).not.toEqual(await readFile(files.caFile));
});

test('if one is missing all are created again, because the key of their CA is not stored', async () => {
  const folder = path.join(dir, 'internal');
  const of = await internalCertificates(folder, (name) => `release-${name}`);
  const before = await readFile(of('ingress').certFile, 'utf8');
  await rm(of('privacy').certFile);
  await internalCertificates(folder, (name) => `release-${name}`);
  const ca = new X509Certificate(await readFile(of('ingress').caFile));
  for (const name of ['ingress', 'privacy'] as const) {
    const renewed = await readFile(of(name).certFile, 'utf8');
    expect(renewed).not.toBe(before);
    expect(new X509Certificate(renewed).verify(ca.publicKey)).toBe(true);
  }
});
