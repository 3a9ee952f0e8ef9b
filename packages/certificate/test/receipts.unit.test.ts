import { expect, test } from 'vitest';
import { receipt, serviceOf } from './builder.ts';
import { b64, checkContent, good, withReceipt } from './checking.ts';

/** The one whose receipts are wrong. */
const store = 'delivery.shelf';

test('a receipt that is missing, doubled or of a store that nobody knows', async () => {
  expect(await checkContent(withReceipt(store))).toEqual([`There is no receipt of ${store}`]);
  const twice = withReceipt(store, await receipt(store), await receipt(store));
  expect(await checkContent(twice)).toEqual([`There are 2 receipts of ${store}, not one`]);
  const { jws } = await receipt(store);
  const more = { ...good, receipts: [...good.receipts, { store: 'delivery.other', jws }] };
  expect(await checkContent(more)).toEqual([
    'The receipt of delivery.other is of a store that is not in the registry',
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
