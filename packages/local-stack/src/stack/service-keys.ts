import { generateKeyPairSync } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { readOrMake, secondsNow, writePrivate } from '../secrets.ts';

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
