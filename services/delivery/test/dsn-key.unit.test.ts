import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDsnKey } from '../src/signing/dsn-key.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-test-'));
  const write = (name: string, pem: string | Buffer) => writeFile(path.join(dir, name), pem);
  const rsa = (bits: number) =>
    generateKeyPairSync('rsa', { modulusLength: bits }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
  await write('rsa.pem', rsa(2_048));
  await write('short.pem', rsa(1_024));
  const { privateKey } = generateKeyPairSync('ed25519');
  await write('ed25519.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await write('none.pem', 'no key');
});
afterAll(() => rm(dir, { recursive: true }));

const open = (file: string | undefined, selector: string | undefined, author = 'a@example.org') =>
  openDsnKey(
    {
      dsnDkimKeyFile: file === undefined ? undefined : path.join(dir, file),
      dsnDkimSelector: selector,
    },
    author,
  );

test('a key and its selector sign for the domain of the author, in A-labels', async () => {
  expect(await open('rsa.pem', 'reports')).toMatchObject({
    selector: 'reports',
    domain: 'example.org',
  });
  expect(await open('rsa.pem', 'reports', 'a@bücher.example.org')).toMatchObject({
    domain: 'xn--bcher-kva.example.org',
  });
  expect(await open(undefined, undefined)).toBeUndefined();
});

test.each([
  ['a key without a selector', 'rsa.pem', undefined, 'DSN_DKIM_SELECTOR: is missing'],
  ['a selector without a key', undefined, 'reports', 'DSN_DKIM_KEY_FILE: is missing'],
  ['a file that is not there', 'nowhere.pem', 'reports', 'DSN_DKIM_KEY_FILE: cannot be read'],
  ['a file that is no key', 'none.pem', 'reports', 'DSN_DKIM_KEY_FILE: is not a PEM'],
  ['a short key', 'short.pem', 'reports', 'DSN_DKIM_KEY_FILE: is not an RSA key with 2048'],
  ['a key of another kind', 'ed25519.pem', 'reports', 'DSN_DKIM_KEY_FILE: is not an RSA key'],
])('%s stops the service; the error names the setting', async (_name, file, selector, says) => {
  await expect(open(file, selector)).rejects.toThrow(says);
});
