import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError } from '@mysmtp/service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCertificateSigner } from '../src/certificates/signer.ts';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-signer-'));
});

afterAll(() => rm(dir, { recursive: true }));

const pair = generateKeyPairSync('ed25519');
const whole = { ...pair.privateKey.export({ format: 'jwk' }), kid: 'whole' };
const open = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'public' };
const { kid: _, ...nameless } = whole;
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = { ...p256.privateKey.export({ format: 'jwk' }), kid: 'another kind' };

/** Opens a signer with these keys in its file. */
async function openWith(keys: object[], services: object[] = [open]) {
  const [keysFile, serviceJwksFile] = [path.join(dir, 'certificate.jwks'), path.join(dir, 'jwks')];
  await writeFile(keysFile, JSON.stringify({ keys }));
  await writeFile(serviceJwksFile, JSON.stringify({ keys: services }));
  return openCertificateSigner(keysFile, serviceJwksFile);
}

test.each([
  ['no key', []],
  ['public parts only', [open]],
  ['the private part in a former key only', [open, whole]],
  ['a key without an id', [nameless]],
  ['a former key without an id', [whole, nameless]],
  ['a key of another kind', [other]],
  ['a former key of another kind', [whole, other]],
])('a file with %s is refused by the name of its setting', async (_name, keys) => {
  const refusal = openWith(keys);
  await expect(refusal).rejects.toThrow(ConfigError);
  await expect(refusal).rejects.toThrow(/^CERTIFICATE_KEYS_FILE: must be a JWK Set of Ed25519/);
});

test('published keys have validity and owner, and no private part', async () => {
  const { published } = await openWith(
    [{ ...whole, nbf: 1 }, open],
    [
      { ...whole, kid: 'delivery', nbf: 2 },
      { ...whole, kid: 'delivery-1', service: 'delivery', nbf: 1, exp: 2 },
      { ...whole, kid: 'nobody' },
    ],
  );
  const common = { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', x: open.x };
  expect(published.keys).toEqual([
    { ...common, kid: 'whole', nbf: 1 },
    { ...common, kid: 'public' },
    { ...common, kid: 'delivery', service: 'delivery', nbf: 2 },
    { ...common, kid: 'delivery-1', service: 'delivery', nbf: 1, exp: 2 },
  ]);
});

test('of a former key the public part is enough', async () => {
  const { published } = await openWith([whole, open]);
  expect(published.keys.map(({ kid }) => kid)).toEqual(['whole', 'public']);
});
