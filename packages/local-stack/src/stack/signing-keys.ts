import { createHash, generateKeyPairSync, type webcrypto } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { readOrMake, secondsNow, writePrivate } from '../secrets.ts';

/**
 * The keys that sign certificates of erasure, with their private parts (JWK Set, RFC 7517). The first one
 * signs. If a new key is inserted before it, keep the old one, because its signatures remain valid.
 */
export async function certificateKeys(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const file = path.join(dir, 'certificate.private.jwks.json');
  await readOrMake(file, () => {
    const key = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    return {
      keys: [{ ...key, kid: thumbprint(key), alg: 'EdDSA', use: 'sig', nbf: secondsNow() }],
    };
  });
  return file;
}

/** RFC 7638; the members of an Ed25519 key are those of RFC 8037, 2. */
function thumbprint({ crv, kty, x }: webcrypto.JsonWebKey): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}

export interface ServiceKeys {
  readonly jwksFile: string;
  readonly privateKeyFile: (service: ServiceName) => string;
}

/** An Ed25519 key for each service's calls to the others (JWK), and all public ones (JWK Set, RFC 7517). */
export async function serviceKeys(dir: string): Promise<ServiceKeys> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const privateKeyFile = (service: ServiceName) => path.join(dir, `${service}.private.jwk.json`);
  const keys = [];
  for (const service of serviceNames) {
    const { d: _, ...published } = await readOrMake(privateKeyFile(service), () => ({
      ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
      kid: service,
      alg: 'EdDSA',
      use: 'sig',
      nbf: secondsNow(),
    }));
    keys.push(published);
  }
  const jwksFile = path.join(dir, 'services.jwks.json');
  await writePrivate(jwksFile, { keys });
  return { jwksFile, privateKeyFile };
}
