import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  routingKeys,
  serviceNames,
  signedKinds,
  type IdentityEntity,
  type ServiceName,
  type SignedKindName,
  type Standing,
} from '@mysmtp/contracts';
import { createLogger, type Logger } from '@mysmtp/log';
import { openSigned, type Signed } from '@mysmtp/signed';
import { CompactSign, importJWK, type JWK } from 'jose';
import { Registry } from 'prom-client';
import type { TestBroker } from './broker.ts';

/** The keys of all services: one file for each, and the public ones together. */
export interface ServiceKeys {
  readonly jwksFile: string;
  keyFile(service: ServiceName): string;
  /** Signs and verifies as this service. */
  as(service: ServiceName, log?: Logger, metrics?: Registry): Promise<Signed>;
  /** Signs any content, as a newer release might, because `Signed` signs only known content. */
  signAny(service: ServiceName, kind: SignedKindName, payload: unknown): Promise<Buffer>;
  /** Publishes a change of identity, in the form of this release or of a newer one. */
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
  const signAny: ServiceKeys['signAny'] = async (service, kind, payload) => {
    const key = JSON.parse(await readFile(keyFile(service), 'utf8')) as JWK;
    const envelope = { at: Date.now(), id: randomUUID(), payload };
    const jws = await new CompactSign(Buffer.from(JSON.stringify(envelope)))
      .setProtectedHeader({ alg: 'EdDSA', typ: signedKinds[kind].typ, kid: service })
      .sign(await importJWK(key, 'EdDSA'));
    return Buffer.from(jws);
  };
  return {
    jwksFile,
    keyFile,
    as,
    signAny,
    tell: async (broker, change) =>
      broker.say('identity', {
        key: routingKeys.identityChanged(change.entity),
        content: await signAny('identity', 'identityChange', change),
      }),
  };
}

/** The default answer of privacy in tests that are not about requests for erasure. */
export const everythingStands: Standing = { known: true, may: ['plant', 'fence', 'purge', 'lift'] };
