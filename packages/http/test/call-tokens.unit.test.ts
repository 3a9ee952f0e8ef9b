import { generateKeyPairSync, createSecretKey, sign, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSignedCallerVerifier, type CallerVerifier } from '../src/index.ts';

const ingress = generateKeyPairSync('ed25519');
const logging = generateKeyPairSync('ed25519');
/** A key of an attacker. */
const attacker = generateKeyPairSync('ed25519');

let dir: string;
let verifier: CallerVerifier;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-call-tokens-'));
  const jwksFile = path.join(dir, 'services.jwks');
  const keys = Object.entries({ ingress, logging }).map(([kid, { publicKey }]) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid,
    alg: 'EdDSA',
  }));
  await writeFile(jwksFile, JSON.stringify({ keys }));
  verifier = await openSignedCallerVerifier('privacy', jwksFile);
});
afterAll(() => rm(dir, { recursive: true }));

const now = () => Math.floor(Date.now() / 1_000);
const header = { alg: 'EdDSA', typ: 'mysmtp-call+jwt', kid: 'ingress' };
const claims = () => ({ iss: 'ingress', aud: 'privacy', iat: now(), exp: now() + 60 });

const token = (
  changed: { readonly header?: object; readonly claims?: object } = {},
  key: KeyObject | Uint8Array = ingress.privateKey,
): Promise<string> =>
  new SignJWT({ ...claims(), ...changed.claims })
    .setProtectedHeader({ ...header, ...changed.header })
    .sign(key);

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Without the checks that a library makes when it signs. */
function raw(changed: object, signature: (input: Buffer) => Buffer): string {
  const input = `${part({ ...header, ...changed })}.${part(claims())}`;
  return `${input}.${signature(Buffer.from(input)).toString('base64url')}`;
}

test('a right token names its caller', async () => {
  expect(await verifier.verify(await token(), '')).toBe('ingress');
});

test.each<[string, () => string | Promise<string>]>([
  ['no signature, algorithm none', () => raw({ alg: 'none' }, () => Buffer.alloc(0))],
  [
    'a right signature, algorithm none',
    () => raw({ alg: 'none' }, (data) => sign(null, data, ingress.privateKey)),
  ],
  [
    'a MAC under the public key',
    () =>
      token(
        { header: { alg: 'HS256' } },
        createSecretKey(ingress.publicKey.export({ format: 'der', type: 'spki' })),
      ),
  ],
  ['a key of nobody', () => token({}, attacker.privateKey)],
  [
    'a key in the header',
    () =>
      token({ header: { jwk: attacker.publicKey.export({ format: 'jwk' }) } }, attacker.privateKey),
  ],
  [
    'a URL of keys',
    () => token({ header: { jku: 'https://evil.example/jwks' } }, attacker.privateKey),
  ],
  ['a path as kid', () => token({ header: { kid: '../../dev/null' } })],
  ['the kid of another service', () => token({ header: { kid: 'logging' } }, logging.privateKey)],
  ['the issuer of another service', () => token({ claims: { iss: 'logging' } })],
  ['an issuer that is no service', () => token({ claims: { iss: 'operator' } })],
  ['no issuer', () => token({ claims: { iss: undefined } })],
  ['the audience of another service', () => token({ claims: { aud: 'identity' } })],
  ['no audience', () => token({ claims: { aud: undefined } })],
  ['an end in the past', () => token({ claims: { exp: now() - 1 } })],
  ['no end', () => token({ claims: { exp: undefined } })],
  ['a beginning in the future', () => token({ claims: { nbf: now() + 60 } })],
  ['the type of another kind of token', () => token({ header: { typ: 'JWT' } })],
  [
    'a critical field that is not known',
    () => raw({ crit: ['x'], x: 1 }, (data) => sign(null, data, ingress.privateKey)),
  ],
])('%s is refused (ASVS 9.1, 9.2)', async (_what, forged) => {
  expect(await verifier.verify(await forged(), '')).toBeUndefined();
});
