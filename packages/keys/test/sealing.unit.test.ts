import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createRecipient, sealKeys, type Purpose } from '../src/sealing.ts';

const purpose: Purpose = { request: 'request-1', tenant: 't1', service: 'delivery' };

const newKeys = () => ({ account: randomBytes(32), 'mail:2026-11-24': randomBytes(32) });

test('the requester opens the keys, each under its id, and the sealed octets are overwritten', async () => {
  const recipient = await createRecipient();
  const keys = newKeys();
  const copies = Object.entries(keys).map(([id, key]) => [id, key.toString('hex')]);
  const sealed = await sealKeys(keys, recipient.publicKey, purpose);
  const opened = Object.entries(await recipient.open(sealed, purpose));
  expect(opened.map(([id, key]) => [id, key.export().toString('hex')])).toEqual(copies);
  for (const key of Object.values(keys)) expect(key).toEqual(Buffer.alloc(32));
});

test('an empty set of keys can be sealed too', async () => {
  const recipient = await createRecipient();
  const sealed = await sealKeys({}, recipient.publicKey, purpose);
  expect(await recipient.open(sealed, purpose)).toEqual({});
});

test.each<[string, Partial<Purpose>]>([
  ['another request', { request: 'request-2' }],
  ['another tenant', { tenant: 't2' }],
  ['another service', { service: 'ingress' }],
])('keys do not open for %s', async (_, other) => {
  const recipient = await createRecipient();
  const sealed = await sealKeys(newKeys(), recipient.publicKey, purpose);
  await expect(recipient.open(sealed, { ...purpose, ...other })).rejects.toThrow();
});

test('keys do not open under other ids, nor for another process', async () => {
  const recipient = await createRecipient();
  const sealed = await sealKeys(newKeys(), recipient.publicKey, purpose);
  const exchanged = { ...sealed, ids: sealed.ids.toReversed() };
  await expect(recipient.open(exchanged, purpose)).rejects.toThrow();
  const other = await createRecipient();
  await expect(other.open(sealed, purpose)).rejects.toThrow();
});
