import { createHmac, generateKeyPairSync } from 'node:crypto';
import { certificateType, receiptType } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { readRegistry } from '../src/inputs.ts';
import { verify } from '../src/verify.ts';
import { certificateKey, keys, kid, opening, sign, stores } from './builder.ts';
import { b64, check, checkContent, good, reasonsOf, withReceipt } from './checking.ts';

test('a good certificate holds, with all checked conditions', async () => {
  const verification = await check(await sign(good), opening);
  expect(reasonsOf(verification)).toEqual([]);
  expect(verification.holds).toBe(true);
  expect(verification.checks).toHaveLength(12);
  expect(verification.statement?.certificate).toEqual(good);
  expect([...(verification.statement?.receipts.keys() ?? [])]).toEqual([...stores.keys()]);
});

test('an octet that was changed anywhere breaks the signature, and nothing of it is trusted', async () => {
  const [header = '', payload = '', signature = ''] = (await sign(good)).split('.');
  const octets = Buffer.from(payload, 'base64url');
  // Every eleventh, so that the test takes a moment and not half a minute, and covers each position within a
  // group of four characters.
  for (let at = 0; at < octets.length; at += 11) {
    const changed = Buffer.from(octets);
    changed[at] = (changed[at] ?? 0) ^ 1;
    const verification = await check(`${header}.${changed.toString('base64url')}.${signature}`);
    expect(verification.holds, `octet ${String(at)}`).toBe(false);
    expect(verification.statement).toBeUndefined();
  }
});

test('a changed character is detected also if a decoder yields the same octets', async () => {
  const jws = await sign(good);
  // The last character of the signature has four bits that belong to no octet.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const others = alphabet.split('').filter((character) => !jws.endsWith(character));
  const changed = [
    ...others.map((character) => jws.slice(0, -1) + character),
    `${jws}==`,
    `${jws}\n`,
    jws.replace('.', '. '),
    `${jws}.`,
  ];
  for (const text of changed) expect((await check(text)).holds, text.slice(-9)).toBe(false);
});

test('a certificate of another key does not hold, whatever the name of the key', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  expect(reasonsOf(await check(await sign(good, privateKey)))).toEqual([
    expect.stringContaining('does not fit its signature'),
  ]);
  expect(reasonsOf(await check(await sign(good, privateKey, { kid: 'mine' })))).toEqual([
    'The certificate names the key mine, which is not among the keys',
  ]);
});

test('a name that two keys have, and a key of another kind, are not accepted', async () => {
  const jws = await sign(good);
  const twice = { keys: [...keys.keys, certificateKey.jwk] };
  expect(reasonsOf(await verify(jws, twice, readRegistry))).toEqual([
    expect.stringContaining('several keys have this name'),
  ]);
  const other = { keys: [{ ...certificateKey.jwk, kty: 'oct', k: b64('secret') }] };
  expect(reasonsOf(await verify(jws, other, readRegistry))).toEqual([
    expect.stringContaining('is no Ed25519 key'),
  ]);
});

test.each([
  ['none', () => ''],
  // The classic attack: the public key as the secret of a HMAC.
  [
    'HS256',
    (input: string) =>
      createHmac('sha256', Buffer.from(String(certificateKey.jwk['x']), 'base64url'))
        .update(input)
        .digest('base64url'),
  ],
])('the method %s is not accepted', async (alg, signatureOf) => {
  const header = b64(JSON.stringify({ alg, typ: certificateType, kid }));
  const input = `${header}.${b64(JSON.stringify(good))}`;
  expect(reasonsOf(await check(`${input}.${signatureOf(input)}`))).toEqual([
    `The certificate is signed by the method ${alg}, and only EdDSA counts`,
  ]);
});

test('a receipt is no certificate, and a certificate is no receipt', async () => {
  const other = await sign(good, certificateKey.privateKey, { typ: receiptType });
  expect(reasonsOf(await check(other))).toEqual([
    `The certificate is a statement of another kind (${receiptType})`,
  ]);
  const certificate = withReceipt('logging.messages', {
    store: 'logging.messages',
    jws: await sign(good),
  });
  expect(await checkContent(certificate)).toEqual([
    `The receipt of logging.messages is a statement of another kind (${certificateType})`,
  ]);
});

test.each(['', 'a.b.c', 'no certificate', `${b64('{"alg":"EdDSA"}')}..`])(
  '%j is no certificate',
  async (text) => {
    expect(reasonsOf(await check(text))).toEqual([
      'The certificate is no signed statement in the form that mySMTP uses',
    ]);
  },
);

test('a certificate with a missing or an additional member is invalid', async () => {
  const { fence: _, ...without } = good;
  expect(await checkContent(without)).toEqual(['It is not in the form of a certificate: fence']);
  expect(await checkContent({ ...good, more: 1 })).toEqual([
    'It is not in the form of a certificate: as a whole',
  ]);
});
