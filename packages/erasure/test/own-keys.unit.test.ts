import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readOwnKeys } from '../src/receipts.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-own-keys-'));
});
afterAll(() => rm(dir, { recursive: true }));

const newKey = (kid: string) => ({
  ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
  kid,
});

test('a service publishes its signing key and its former keys, with their validity; no private parts and no keys of others', async () => {
  const own = { ...newKey('delivery'), nbf: 20 };
  const former = { ...newKey('delivery-2026'), service: 'delivery', nbf: 10, exp: 20 };
  const config = {
    serviceKeyFile: path.join(dir, 'own.jwk'),
    serviceJwksFile: path.join(dir, 'jwks'),
  };
  await writeFile(config.serviceKeyFile, JSON.stringify(own));
  await writeFile(
    config.serviceJwksFile,
    JSON.stringify({ keys: [newKey('logging'), own, former] }),
  );
  const common = { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', service: 'delivery' };
  expect(await readOwnKeys({ name: 'delivery', config })).toEqual({
    keys: [
      { ...common, kid: 'delivery', x: own.x, nbf: 20 },
      { ...common, kid: 'delivery-2026', x: former.x, nbf: 10, exp: 20 },
    ],
  });
});
