import { serviceNames, type Certificate, type ServiceName } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { agreed } from '../src/published-keys.ts';
import {
  certificateKey,
  keys,
  kid,
  nbf,
  newKey,
  receipt,
  serviceKeys,
  serviceOf,
  type Key,
} from './builder.ts';
import { checkContent, checkUnder, good, withReceipt } from './checking.ts';

/** Forgeries by a holder of the certificate key, with the forger's own keys for the rest. */
type Forged = Readonly<Record<ServiceName, Key>>;

const own = Object.fromEntries(serviceNames.map((name) => [name, newKey(name)])) as Forged;
/** One key under every name, with another base64url text each time. */
const one = newKey('ingress');
const oneForAll = Object.fromEntries(
  serviceNames.map((name, at): [ServiceName, Key] => [
    name,
    { ...one, jwk: { ...one.jwk, kid: name, x: spelled(String(one.jwk['x']), at) } },
  ]),
) as Forged;

/** Another text of the same 32 octets for each number: four by the surplus bits, and one more. */
function spelled(x: string, at: number): string {
  if (at === 4) return `${x}=`;
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(x.slice(-1));
  return x.slice(0, -1) + (alphabet[last - (last % 4) + at] ?? '');
}

/** A certificate that is complete by its own keys. */
async function forgedBy(signers: Forged): Promise<Certificate> {
  return {
    ...good,
    serviceKeys: { keys: serviceNames.map((service) => signers[service].jwk) },
    receipts: await Promise.all(
      good.receipts.map(({ store }) => {
        const service = serviceOf(store);
        return receipt(store, {}, service, signers[service]);
      }),
    ),
  };
}

/** The published keys with other ones for the services. */
const publishedAs = (signers: Forged) => ({
  keys: [
    { ...certificateKey.jwk, nbf },
    ...serviceNames.map((service) => ({ ...signers[service].jwk, service, nbf })),
  ],
});

test('the certificate key and five keys of the forger’s own', async () => {
  const reasons = await checkContent(await forgedBy(own));
  expect(reasons).toHaveLength(good.receipts.length + serviceNames.length);
  for (const { store } of good.receipts) {
    expect(reasons).toContain(
      `The receipt of ${store} does not fit its signature: it was changed, or the key is not ${serviceOf(store)}`,
    );
  }
  for (const service of serviceNames) {
    expect(reasons).toContain(
      `It lists a key of ${service} that is not among the published keys of that service`,
    );
  }
});

test('one key under five names and five base64url texts, also if it is published like that', async () => {
  const x = serviceNames.map((name) => oneForAll[name].jwk['x']);
  expect(new Set(x).size).toBe(serviceNames.length);
  const forged = await forgedBy(oneForAll);
  expect((await checkContent(forged)).length).toBeGreaterThan(good.receipts.length);
  expect(await checkUnder(publishedAs(oneForAll), forged)).toEqual(
    serviceNames.slice(1).map((name) => `The key of ${name} is also the key of ingress`),
  );
});

test('a key of certificates under the name of a service', async () => {
  const signers = {
    ...serviceKeys,
    logging: { ...certificateKey, jwk: { ...certificateKey.jwk, kid: 'logging' } },
  };
  expect(await checkUnder(publishedAs(signers), await forgedBy(signers))).toEqual([
    'The key of logging is also the key of certificates',
  ]);
});

test('dated back to before its key was valid, or used after its end', async () => {
  const completedAt = '2024-02-29T12:01:10.000Z';
  const reasons = await checkContent({ ...good, completedAt });
  expect(reasons).toContain(
    `It was complete on ${completedAt}, and the key ${kid} was published as valid from 2026-11-29T00:00:00.000Z`,
  );
  expect(reasons).toContain(
    `It was complete on ${completedAt}, and version ${String(good.registry.version)} of the registry was used from 2026-11-30T00:00:00Z`,
  );
  const exp = Date.parse('2026-11-30T12:01:10Z') / 1_000;
  const ended = { keys: keys.keys.map((key) => (key['kid'] === kid ? { ...key, exp } : key)) };
  expect(await checkUnder(ended, good)).toEqual([
    `It was complete on ${good.completedAt}, and the key ${kid} was published as valid from 2026-11-29T00:00:00.000Z until 2026-11-30T12:01:10.000Z`,
  ]);
});

test('a key whose times are no times never signs', async () => {
  const odd = { keys: keys.keys.map((key) => (key['kid'] === kid ? { ...key, nbf: 'x' } : key)) };
  expect(await checkUnder(odd, good)).toEqual([
    `It was complete on ${good.completedAt}, and the key ${kid} was published as valid at no time`,
  ]);
});

test('the key of a service does not sign certificates', async () => {
  const signers = { ...serviceKeys, privacy: { ...certificateKey, jwk: certificateKey.jwk } };
  const { keys: published } = publishedAs(signers);
  const asService = published.filter((key) => 'service' in key);
  expect(await checkUnder({ keys: asService }, good)).toEqual([
    `The certificate names the key ${kid}, which is not among the keys`,
  ]);
});

test('kept data that the forger chooses: in a receipt, and in the certificate', async () => {
  const read = {
    category: 'every message body of this customer, in clear',
    ground: 'We like to read it',
    until: null,
  };
  const retained = [read];
  expect(
    await checkContent(
      withReceipt('delivery.deferred', await receipt('delivery.deferred', { retained })),
    ),
  ).toEqual([
    `The receipt of delivery.deferred keeps “${read.category}”, which the registry does not allow for this store like this`,
  ]);
  const notAllowed = (category: string) => [
    `The registry does not allow to keep “${category}” like this`,
  ];
  expect(await checkContent({ ...good, retained: [...good.retained, read] })).toEqual(
    notAllowed(read.category),
  );
  const [ledger, ...others] = good.retained;
  const longer = { ...ledger, until: '2099-01-01T00:00:00.000Z' };
  expect(await checkContent({ ...good, retained: [longer, ...others] })).toEqual(
    notAllowed(ledger?.category ?? ''),
  );
});

test('a source of keys that differs from the services themselves', async () => {
  const ofService = (service: ServiceName) => ({
    keys: [{ ...serviceKeys[service].jwk, service, nbf }],
  });
  const sets = [keys, ...serviceNames.map(ofService)];
  expect(await checkUnder(agreed(sets), good)).toEqual([]);
  // Privacy publishes the forger's keys; the services themselves do not.
  const forged = await forgedBy(own);
  expect(await checkUnder(publishedAs(own), forged)).toEqual([]);
  const reasons = await checkUnder(agreed([publishedAs(own), ofService('ingress')]), forged);
  expect(reasons).toContain('There is no published key of ingress');
  // The end in one source applies to all.
  const ended = { keys: [{ ...serviceKeys.ingress.jwk, service: 'ingress', exp: nbf + 1 }] };
  expect((await checkUnder(agreed([keys, ended]), good))[0]).toContain(
    'was published as valid from 2026-11-29T00:00:00.000Z until 2026-11-29T00:00:01.000Z',
  );
});
