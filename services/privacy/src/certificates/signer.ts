import { readFile } from 'node:fs/promises';
import {
  certificateType,
  publishedKey,
  serviceKeysIn,
  type Certificate,
  type PublishedKeySet,
  type StoredKey,
} from '@mysmtp/contracts';
import { ConfigError } from '@mysmtp/service';
import { CompactSign, importJWK, type CryptoKey, type JWK } from 'jose';

/** Signs certificates and has the public keys that verify them. */
export interface CertificateSigner {
  /** A JWS (RFC 7515, Ed25519) in compact form. */
  sign(certificate: Certificate): Promise<string>;
  /** A JWS of this `typ` over any octets, without them (RFC 7515 appendix F). */
  signDetached(typ: string, octets: Uint8Array): Promise<string>;
  /** The public keys of certificates and of the receipts of all services, former keys included. */
  readonly published: PublishedKeySet;
}

/**
 * Reads the keys. The first key of the file signs; the others are former keys. Throws a `ConfigError` if
 * the first key has no private part, or if one is not an Ed25519 key with an id.
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
  const signAs = (typ: string, octets: Uint8Array) =>
    new CompactSign(octets)
      .setProtectedHeader({ alg: 'EdDSA', typ, kid: current.kid ?? '' })
      .sign(key);
  return {
    sign: (certificate) => signAs(certificateType, Buffer.from(JSON.stringify(certificate))),
    async signDetached(typ, octets) {
      const [header, , signature] = (await signAs(typ, octets)).split('.');
      return `${header ?? ''}..${signature ?? ''}`;
    },
    published: {
      keys: [
        ...keys.map((each) => publishedKey(each)),
        ...serviceKeysIn((await readSet(serviceJwksFile)).keys),
      ],
    },
  };
}

async function readSet(file: string): Promise<{ readonly keys: readonly (JWK & StoredKey)[] }> {
  return JSON.parse(await readFile(file, 'utf8')) as {
    readonly keys: readonly (JWK & StoredKey)[];
  };
}

const isSigningKey = ({ kty, crv, kid }: JWK): boolean =>
  kty === 'OKP' && crv === 'Ed25519' && kid !== undefined;
