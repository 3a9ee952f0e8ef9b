import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import {
  certificateType,
  receiptType,
  registry,
  serviceNames,
  type Certificate,
} from '@mysmtp/contracts';
import { beforeEach, expect, test } from 'vitest';
import { readRegistry } from '../src/inputs.ts';
import { verify, type Verdict } from '../src/verify.ts';
import {
  certificateKey,
  collections,
  goodCertificate,
  keys,
  kid,
  nonce,
  receipt,
  requestId,
  serviceOf,
  sign,
  stores,
  tenant,
} from './builder.ts';

/** One of which receipts are wrong. */
const store = 'delivery.shelf';

let good: Certificate;
beforeEach(async () => {
  good = await goodCertificate();
});

const check = (jws: string, opening?: Parameters<typeof verify>[3]) =>
  verify(jws, keys, readRegistry, opening);
const reasonsOf = ({ checks }: Verdict) => checks.flatMap(({ reasons }) => reasons);
const checkContent = async (content: unknown) => reasonsOf(await check(await sign(content)));

/** The good certificate with another receipt of this store, or with these. */
const withReceipt = (store: string, ...others: Certificate['receipts']): Certificate => ({
  ...good,
  receipts: [...good.receipts.filter((entry) => entry.store !== store), ...others],
});

const b64 = (text: string) => Buffer.from(text).toString('base64url');

test('a good certificate holds, with everything that was checked', async () => {
  const verdict = await check(await sign(good), { tenant, nonce });
  expect(reasonsOf(verdict)).toEqual([]);
  expect(verdict.holds).toBe(true);
  expect(verdict.checks).toHaveLength(9);
  expect(verdict.statement?.certificate).toEqual(good);
  expect([...(verdict.statement?.receipts.keys() ?? [])]).toEqual([...stores.keys()]);
});

test('an octet that was changed anywhere breaks the signature, and nothing of it is believed', async () => {
  const [header = '', payload = '', signature = ''] = (await sign(good)).split('.');
  const octets = Buffer.from(payload, 'base64url');
  // Every eleventh, so that it takes a moment and not half a minute, and each place within a group of
  // four characters comes.
  for (let at = 0; at < octets.length; at += 11) {
    const changed = Buffer.from(octets);
    changed[at] = (changed[at] ?? 0) ^ 1;
    const verdict = await check(`${header}.${changed.toString('base64url')}.${signature}`);
    expect(verdict.holds, `octet ${String(at)}`).toBe(false);
    expect(verdict.statement).toBeUndefined();
  }
});

test('a certificate of another key does not hold, whatever the key calls itself', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  expect(reasonsOf(await check(await sign(good, privateKey)))).toEqual([
    expect.stringContaining('does not fit its signature'),
  ]);
  expect(reasonsOf(await check(await sign(good, privateKey, { kid: 'mine' })))).toEqual([
    'The certificate names the key mine, which is not among the keys',
  ]);
});

test('a name that two keys have, and a key of another kind, are no keys', async () => {
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
  // The classic: the public key, which everybody has, taken as the secret of a HMAC.
  [
    'HS256',
    (input: string) =>
      createHmac('sha256', Buffer.from(String(certificateKey.jwk['x']), 'base64url'))
        .update(input)
        .digest('base64url'),
  ],
])('the method %s is no signature', async (alg, signatureOf) => {
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

test('a certificate with something missing or something more is none', async () => {
  const { fence: _, ...without } = good;
  expect(await checkContent(without)).toEqual(['It is not in the form of a certificate: fence']);
  expect(await checkContent({ ...good, more: 1 })).toEqual([
    'It is not in the form of a certificate: as a whole',
  ]);
});

test('a receipt that is missing, doubled or of a store that nobody knows', async () => {
  expect(await checkContent(withReceipt(store))).toEqual([`There is no receipt of ${store}`]);
  const twice = withReceipt(store, await receipt(store), await receipt(store));
  expect(await checkContent(twice)).toEqual([`There are 2 receipts of ${store}, not one`]);
  const { jws } = await receipt(store);
  const more = { ...good, receipts: [...good.receipts, { store: 'delivery.other', jws }] };
  expect(await checkContent(more)).toEqual([
    'There is a receipt of delivery.other, which is not in the registry',
  ]);
});

test.each([
  ['of another request', { requestId: '6f9f8a54-6d0f-4d3a-9a3b-3f0b8f6e1d11' }, 'another request'],
  ['of another version of the registry', { registryVersion: 1 }, 'is of version 1'],
  ['of another store', { store: 'delivery.dkimKeys' }, 'another store (delivery.dkimKeys)'],
  ['in the name of another service', { service: 'logging' }, 'speaks for logging'],
  ['that left something', { deleted: 2 }, '3 records were there and 2 removed'],
] as const)('a receipt %s', async (_, change, reason) => {
  const reasons = await checkContent(withReceipt(store, await receipt(store, change)));
  expect(reasons).toEqual([expect.stringContaining(reason)]);
  expect(reasons).toEqual([expect.stringContaining(`The receipt of ${store} `)]);
});

test('a receipt that another service signed, also where it claims to be the right one', async () => {
  const signed = await receipt(store, {}, 'logging');
  expect(await checkContent(withReceipt(store, signed))).toEqual([
    `The receipt of ${store} is signed by logging, and the store is delivery’s`,
  ]);
  // Its own name on it, and another one's key.
  const [header, ...rest] = signed.jws.split('.');
  const named = JSON.parse(Buffer.from(header ?? '', 'base64url').toString()) as object;
  const forged = [b64(JSON.stringify({ ...named, kid: serviceOf(store) })), ...rest].join('.');
  expect(await checkContent(withReceipt(store, { store, jws: forged }))).toEqual([
    expect.stringContaining('does not fit its signature'),
  ]);
});

test('a receipt of a service whose key the certificate does not have', async () => {
  const serviceKeys = { keys: good.serviceKeys.keys.filter((key) => key['kid'] !== 'identity') };
  const reasons = await checkContent({ ...good, serviceKeys });
  expect(reasons).toHaveLength(4);
  expect(reasons[0]).toBe(
    'The receipt of identity.tenants names the key identity, which is not among the keys',
  );
});

test('a registry that is not there, another one, or one from before there were erasures', async () => {
  const of = (change: Partial<Certificate['registry']>) =>
    checkContent({ ...good, registry: { ...good.registry, ...change } });
  expect(await of({ version: 999 })).toEqual([
    'There is no version 999 of the registry of personal data here',
  ]);
  expect(await of({ sha256: '0'.repeat(64) })).toEqual([
    `It was made by another version ${String(registry.version)} of the registry of personal data than the one here (SHA-256)`,
  ]);
  const first = createHash('sha256').update((await readRegistry(1)) ?? '');
  expect(await of({ version: 1, sha256: first.digest('hex') })).toEqual([
    'The version 1 of the registry of personal data does not say which stores must answer to an erasure',
  ]);
});

test('a store in which the verifier did not find the canary before', async () => {
  const canaries = good.canaries.filter((name) => name !== 'logging.messages');
  expect(await checkContent({ ...good, canaries })).toEqual([
    'The verifier did not find the test record in logging.messages before',
  ]);
});

test('a look that found something, or left something out', async () => {
  const [first, last] = good.sweeps as [Certificate['sweeps'][0], Certificate['sweeps'][0]];
  const found = { ...first, found: { ...first.found, 'logging.messages': 2 } };
  expect(await checkContent({ ...good, sweeps: [found, last] })).toEqual([
    `The look at ${first.at} found 2 records in logging.messages`,
  ]);
  const { 'logging.messages': _, ...rest } = first.found;
  expect(await checkContent({ ...good, sweeps: [{ ...first, found: rest }, last] })).toEqual([
    `The look at ${first.at} left out logging.messages`,
  ]);
});

test('what goes with the keys must be gone in the last look', async () => {
  const [first, last] = good.sweeps as [Certificate['sweeps'][0], Certificate['sweeps'][0]];
  const late = collections.filter(({ erased }) => erased === 'shred').map(({ id }) => id);
  expect(late).toEqual(['privacy.tenants']);
  const sweeps = [first, { ...last, found: first.found }];
  expect(await checkContent({ ...good, sweeps })).toEqual([
    `The look at ${last.at} left out privacy.tenants`,
  ]);
});

test('one look only, or none', async () => {
  const [first, last] = good.sweeps;
  expect(await checkContent({ ...good, sweeps: [last] })).toEqual([
    'The verifier looked once, not twice',
  ]);
  expect(await checkContent({ ...good, sweeps: [] })).toEqual([
    'The verifier looked never, not twice',
  ]);
  expect(await checkContent({ ...good, sweeps: [last, first] })).not.toEqual([]);
});

test('times in an order in which it cannot have been', async () => {
  const [first, last] = good.sweeps as [Certificate['sweeps'][0], Certificate['sweeps'][0]];
  const same = { ...last, at: first.at };
  expect(await checkContent({ ...good, sweeps: [first, same] })).toEqual([
    `The look at ${first.at} is not after what comes before it`,
  ]);
  expect(await checkContent({ ...good, completedAt: '2026-11-24T12:00:59.999Z' })).toEqual([
    'It was complete before the last look had been made',
  ]);
  expect(await checkContent({ ...good, requestedAt: '2026-11-24T12:00:06Z' })).toEqual([
    'The fence was raised before the erasure was asked for',
  ]);
  const fence = { ...good.fence, raisedAt: '2026-11-24T12:00:31Z' };
  expect(await checkContent({ ...good, fence })).toEqual([
    `The look at ${first.at} is not after what comes before it`,
  ]);
});

test('no key destroyed, or none tried', async () => {
  const keysOf = (change: Partial<Certificate['keys']>) =>
    checkContent({ ...good, keys: { ...good.keys, ...change } });
  expect(await keysOf({ destroyed: [] })).toEqual(['It names no key that was destroyed']);
  expect(await keysOf({ triedRoots: [] })).toEqual([
    'Nobody tried whether a remaining root key still opens what was locked',
  ]);
});

test.each(serviceNames)('a fence that nobody of %s has confirmed', async (service) => {
  const { [service]: _, ...processes } = good.fence.processes;
  expect(await checkContent({ ...good, fence: { ...good.fence, processes } })).toEqual([
    `No process of ${service} has confirmed that it refuses everything`,
  ]);
});

test('another nonce or another tenant', async () => {
  const jws = await sign(good);
  for (const opening of [
    { tenant, nonce: 'another' },
    { tenant: requestId, nonce },
  ]) {
    expect(reasonsOf(await check(jws, opening))).toEqual([
      'It is not about the customer whose id you gave, or the nonce is another one',
    ]);
  }
});

test('every reason is told, not only the first', async () => {
  const reasons = await checkContent({
    ...withReceipt(store),
    canaries: [],
    sweeps: [],
    keys: { destroyed: [], triedRoots: [] },
  });
  expect(reasons).toHaveLength(1 + collections.length + 1 + 2);
});
