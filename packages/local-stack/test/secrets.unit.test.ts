import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { passwords } from '../src/provision/passwords.ts';
import { writePrivate } from '../src/secrets.ts';
import { certificateKeys } from '../src/stack/signing-keys.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-secrets-'));
});
afterAll(() => rm(dir, { recursive: true }));

test('passwords are created once; an older stack gets a password for a new name and keeps the others', async () => {
  const file = path.join(dir, 'services.secret.json');
  const { verifier: _, ...older } = await passwords(file);
  await writePrivate(file, older);
  const now = await passwords(file);
  expect(now).toMatchObject(older);
  expect(now.verifier).toMatch(/^[\w-]{32}$/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await passwords(file)).toEqual(now);
});

test('only the owner can read the key that signs certificates, and the next start reuses it', async () => {
  const file = await certificateKeys(path.join(dir, 'keys'));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const { keys } = JSON.parse(await readFile(file, 'utf8')) as { keys: JWK[] };
  expect(keys).toEqual([
    {
      kty: 'OKP',
      crv: 'Ed25519',
      x: expect.any(String),
      d: expect.any(String),
      kid: await calculateJwkThumbprint(keys[0] ?? {}),
      alg: 'EdDSA',
      use: 'sig',
      nbf: expect.any(Number),
    },
  ]);
  await certificateKeys(path.join(dir, 'keys'));
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ keys });
});
