import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';
import { day, serviceNames, type ServiceName } from '@mysmtp/contracts';
import * as x509 from '@peculiar/x509';

export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const thisMachine = ['localhost', '127.0.0.1', '::1'];

/** A certificate for this machine's names, and its CA: `server.pem`, `server.key.pem`, `ca.pem`. */
export async function localCertificates(dir: string): Promise<Certificates> {
  return (await certificatesOf(dir, { server: thisMachine }))('server');
}

/**
 * A certificate for the internal API of each service, `SERVICE.pem` and `SERVICE.key.pem`, and their CA,
 * `ca.pem`. `host` is the name by which other services call a service; the default is this machine's names.
 */
export function internalCertificates(
  dir: string,
  host?: (service: ServiceName) => string,
  days?: number,
): Promise<(service: ServiceName) => Certificates> {
  const names = (service: ServiceName) => (host === undefined ? thisMachine : [host(service)]);
  const subjects = Object.fromEntries(serviceNames.map((name) => [name, names(name)]));
  return certificatesOf(dir, subjects, days);
}

/**
 * Certificates of one CA, by file name, each for some host names and addresses. Created once, and all again
 * if one expires within a month, because the CA's key is not stored.
 */
export async function certificatesOf<Subject extends string>(
  dir: string,
  subjects: Readonly<Record<Subject, readonly string[]>>,
  days = 365,
): Promise<(subject: Subject) => Certificates> {
  const filesOf = (subject: Subject): Certificates => ({
    caFile: path.join(dir, 'ca.pem'),
    certFile: path.join(dir, `${subject}.pem`),
    keyFile: path.join(dir, `${subject}.key.pem`),
  });
  const all = Object.entries(subjects) as [Subject, readonly string[]][];
  const present = await Promise.all(all.map(([subject]) => isGood(filesOf(subject).certFile)));
  if (present.every(Boolean)) return filesOf;

  await mkdir(dir, { recursive: true, mode: 0o700 });
  x509.cryptoProvider.set(webcrypto as never);
  const authority = await makeAuthority(days);
  await writeFile(path.join(dir, 'ca.pem'), authority.certificate);
  for (const [subject, names] of all) {
    const { certFile, keyFile } = filesOf(subject);
    const { certificate, key } = await authority.issue(names);
    await writeFile(keyFile, key, { mode: 0o600 });
    await writeFile(certFile, certificate);
  }
  return filesOf;
}

async function isGood(certFile: string): Promise<boolean> {
  const present = await readFile(certFile, 'utf8').catch(() => undefined);
  if (present === undefined) return false;
  const { notAfter } = new x509.X509Certificate(present);
  return notAfter.getTime() > Date.now() + 30 * day;
}

async function makeAuthority(days: number) {
  const caKeys = await makeKeys();
  const validity = {
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + days * day),
  };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: 'CN=mySMTP local CA',
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });

  async function issue(names: readonly string[]) {
    const keys = await makeKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity,
      subject: `CN=${names[0] ?? ''}`,
      issuer: ca.subject,
      publicKey: keys.publicKey,
      signingKey: caKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
      ],
    });
    const exported = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    const key = x509.PemConverter.encode(exported, 'PRIVATE KEY');
    return { certificate: certificate.toString('pem'), key };
  }
  return { certificate: ca.toString('pem'), issue };
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}
