import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  routingKeys,
  serviceNames,
  signedKinds,
  type IdentityEntity,
  type ServiceName,
  type Standing,
} from '@mysmtp/contracts';
import { createLogger, type Logger } from '@mysmtp/log';
import { openSigned, type Signed } from '@mysmtp/signed';
import { CompactSign, importJWK, type JWK } from 'jose';
import { Registry } from 'prom-client';
import type { TestBroker } from './broker.ts';

/** The keys of all services: that of each in a file of its own, and the public ones together. */
export interface ServiceKeys {
  readonly jwksFile: string;
  keyFile(service: ServiceName): string;
  /** Signs and verifies as this service does. */
  as(service: ServiceName, log?: Logger, metrics?: Registry): Promise<Signed>;
  /** Tells a change of identity's, as identity of this release does, or of a newer one. */
  tell(broker: TestBroker, change: { readonly entity: IdentityEntity }): Promise<void>;
}

export async function makeServiceKeys(dir: string): Promise<ServiceKeys> {
  const jwksFile = path.join(dir, 'jwks');
  const keyFile = (service: ServiceName) => path.join(dir, `${service}.jwk`);
  const published = [];
  for (const service of serviceNames) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    await writeFile(keyFile(service), JSON.stringify(privateKey.export({ format: 'jwk' })));
    published.push({ ...publicKey.export({ format: 'jwk' }), kid: service, alg: 'EdDSA' });
  }
  await writeFile(jwksFile, JSON.stringify({ keys: published }));
  const as: ServiceKeys['as'] = (
    name,
    log = createLogger(name, 'error'),
    metrics = new Registry(),
  ) => {
    const config = { serviceKeyFile: keyFile(name), serviceJwksFile: jwksFile };
    return openSigned({ name, config, log, metrics });
  };
  async function tell(broker: TestBroker, change: { readonly entity: IdentityEntity }) {
    const key = JSON.parse(await readFile(keyFile('identity'), 'utf8')) as JWK;
    // Not by `Signed`, which refuses to sign what this release does not know.
    const jws = await new CompactSign(
      Buffer.from(JSON.stringify({ at: Date.now(), id: randomUUID(), said: change })),
    )
      .setProtectedHeader({ alg: 'EdDSA', typ: signedKinds.identityChange.typ, kid: 'identity' })
      .sign(await importJWK(key, 'EdDSA'));
    await broker.say('identity', {
      key: routingKeys.identityChanged(change.entity),
      content: Buffer.from(jws),
    });
  }
  return {
    jwksFile,
    keyFile,
    as,
    tell,
  };
}

/** What privacy answers where a test is not about requests that do not stand. */
export const everythingStands: Standing = { known: true, may: ['plant', 'fence', 'purge'] };
