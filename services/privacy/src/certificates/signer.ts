import { readFile } from 'node:fs/promises';
import { certificateType, type Certificate } from '@mysmtp/contracts';
import { ConfigError } from '@mysmtp/service';
import { CompactSign, importJWK, type CryptoKey, type JSONWebKeySet, type JWK } from 'jose';

/** Signs certificates, and has the keys by which anybody checks them. */
export interface CertificateSigner {
  /** A JWS (RFC 7515, Ed25519) in compact form. */
  sign(certificate: Certificate): Promise<string>;
  /** The public keys, the former ones included (RFC 7517). */
  readonly published: JSONWebKeySet;
  /** The public keys by which services sign receipts. */
  readonly serviceKeys: JSONWebKeySet;
}

/**
 * Reads the keys: the first of the file signs, the others once did. Throws a `ConfigError` where the
 * first has no private part, or one is no Ed25519 key with an id.
 */
export async function openCertificateSigner(
  keysFile: string,
  serviceJwksFile: string,
): Promise<CertificateSigner> {
  const { keys } = await readSet(keysFile);
  const [current] = keys;
  if (current?.d === undefined || !keys.every(isSigningKey)) {
    throw new ConfigError([
      {
        setting: 'CERTIFICATE_KEYS_FILE',
        reason: 'must be a JWK Set of Ed25519 keys with ids, the first with its private part',
      },
    ]);
  }
  const key = (await importJWK(current, 'EdDSA')) as CryptoKey;
  return {
    sign: (certificate) =>
      new CompactSign(Buffer.from(JSON.stringify(certificate)))
        .setProtectedHeader({ alg: 'EdDSA', typ: certificateType, kid: current.kid ?? '' })
        .sign(key),
    published: { keys: keys.map(publicPart) },
    serviceKeys: { keys: (await readSet(serviceJwksFile)).keys.map(publicPart) },
  };
}

async function readSet(file: string): Promise<JSONWebKeySet> {
  return JSON.parse(await readFile(file, 'utf8')) as JSONWebKeySet;
}

const isSigningKey = ({ kty, crv, kid }: JWK): boolean =>
  kty === 'OKP' && crv === 'Ed25519' && kid !== undefined;

function publicPart(key: JWK): JWK {
  const { d: _, ...rest } = key;
  return { ...rest, alg: 'EdDSA', use: 'sig' };
}
