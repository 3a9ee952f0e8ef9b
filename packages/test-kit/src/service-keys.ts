import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  routingKeys,
  serviceNames,
  type IdentityChange,
  type ServiceName,
  type Standing,
} from '@mysmtp/contracts';
import { createLogger, type Logger } from '@mysmtp/log';
import { openSigned, type Signed } from '@mysmtp/signed';
import { Registry } from 'prom-client';
import type { TestBroker } from './broker.ts';

/** The keys of all services: that of each in a file of its own, and the public ones together. */
export interface ServiceKeys {
  readonly jwksFile: string;
  keyFile(service: ServiceName): string;
  /** Signs and verifies as this service does. */
  as(service: ServiceName, log?: Logger, metrics?: Registry): Promise<Signed>;
  /** Tells a change of identity's, as identity does. */
  tell(broker: TestBroker, change: IdentityChange): Promise<void>;
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
  const identity = await as('identity');
  return {
    jwksFile,
    keyFile,
    as,
    tell: async (broker, change) =>
      broker.say('identity', {
        key: routingKeys.identityChanged(change.entity),
        content: await identity.sign('identityChange', change),
      }),
  };
}

/** What privacy answers where a test is not about requests that do not stand. */
export const everythingStands: Standing = { known: true, may: ['plant', 'fence', 'purge'] };
