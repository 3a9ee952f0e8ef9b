import { Receipt } from '@mysmtp/contracts';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { keys, nbf, newKey, receipt, serviceOf } from './builder.ts';
import { b64, checkContent, checkUnder, good, withReceipt } from './checking.ts';

/** The store whose receipts are wrong. */
const store = 'delivery.deferred';

const retainedIn = async (name: string) =>
  Receipt.parse(decodeJwt((await receipt(name)).jws)).retained;

test('a receipt that is missing, doubled or of an unknown store', async () => {
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
  ['in the name of another service', { service: 'logging' }, 'is in the name of logging'],
  ['that left a record', { deleted: 2 }, '3 records were there and 2 removed'],
] as const)('a receipt %s', async (_, change, reason) => {
  const reasons = await checkContent(withReceipt(store, await receipt(store, change)));
  expect(reasons).toEqual([expect.stringContaining(reason)]);
  expect(reasons).toEqual([expect.stringContaining(`The receipt of ${store} `)]);
});

test('a receipt that another service signed, also if it claims to be the right one', async () => {
  const signed = await receipt(store, {}, 'logging');
  expect(await checkContent(withReceipt(store, signed))).toEqual([
    `The receipt of ${store} is signed by logging, and the store is delivery’s`,
  ]);
  // Its own name on it, and another service's key.
  const [header, ...rest] = signed.jws.split('.');
  const named = JSON.parse(Buffer.from(header ?? '', 'base64url').toString()) as object;
  const forged = [b64(JSON.stringify({ ...named, kid: serviceOf(store) })), ...rest].join('.');
  expect(await checkContent(withReceipt(store, { store, jws: forged }))).toEqual([
    expect.stringContaining('does not fit its signature'),
  ]);
});

test('a receipt of a service that has published no key', async () => {
  const others = { keys: keys.keys.filter((key) => key['service'] !== 'identity') };
  const reasons = await checkUnder(others, good);
  expect(reasons).toHaveLength(15);
  expect(reasons[0]).toBe(
    'The receipt of identity.tenants names the key identity, which is not among the keys',
  );
  expect(reasons).toContain('There is no published key of identity');
});

test('the keys listed in the certificate are a hint: without them the published keys are enough', async () => {
  const serviceKeys = { keys: good.serviceKeys.keys.filter((key) => key['kid'] !== 'identity') };
  expect(await checkContent({ ...good, serviceKeys })).toEqual([]);
});

test('a receipt of a former key counts for the validity of that key', async () => {
  const former = newKey('delivery-2026-11');
  const end = Date.parse('2026-11-30T12:00:30Z') / 1_000;
  const published = {
    keys: [...keys.keys, { ...former.jwk, service: 'delivery', nbf, exp: end }],
  };
  const of = async (at: string) =>
    checkUnder(published, withReceipt(store, await receipt(store, { at }, 'delivery', former)));
  expect(await of('2026-11-30T12:00:29.999Z')).toEqual([]);
  expect(await of('2026-11-30T12:00:30.000Z')).toEqual([
    `The receipt of ${store} is of 2026-11-30T12:00:30.000Z, and the key that signed it was published as valid from 2026-11-29T00:00:00.000Z until 2026-11-30T12:00:30.000Z`,
  ]);
});

test('a receipt of another time than the erasure', async () => {
  for (const at of ['2026-11-30T10:59:59.999Z', '2026-11-30T13:01:10.001Z']) {
    expect(await checkContent(withReceipt(store, await receipt(store, { at })))).toEqual([
      `The receipt of ${store} is of ${at}, which is not the time of this erasure`,
    ]);
  }
});

test('a receipt that keeps more than the registry allows, or omits what it keeps', async () => {
  const of = async (name: string, retained: Receipt['retained']) =>
    checkContent(withReceipt(name, await receipt(name, { retained })));
  const [kept] = await retainedIn('identity.domains');
  if (kept === undefined) throw new Error('identity.domains keeps tombstones');
  const notAllowed = (name: string, category: string) => [
    `The receipt of ${name} keeps “${category}”, which the registry does not allow for this store like this`,
  ];
  // Of a store that keeps nothing; of another store; with another ground; with another end.
  expect(await of(store, [kept])).toEqual(notAllowed(store, kept.category));
  expect(await of('identity.tokens', [kept])).toEqual(notAllowed('identity.tokens', kept.category));
  for (const change of [{ ground: 'We like to read it' }, { until: '2099-01-01T00:00:00Z' }]) {
    const other = { ...kept, ...change };
    expect(await of('identity.domains', [kept, other])).toEqual(
      notAllowed('identity.domains', kept.category),
    );
  }
  expect(await of('identity.domains', [])).toEqual([
    'The receipt of identity.domains does not say what is kept, as the registry does',
  ]);
});
