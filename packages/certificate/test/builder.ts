import { createHash, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import {
  answeringStores,
  certificateType,
  commitmentTo,
  outlives,
  outlivingAt,
  receiptType,
  registry,
  serviceNames,
  type Certificate,
  type Receipt,
  type ServiceName,
} from '@mysmtp/contracts';
import { CompactSign } from 'jose';
import { readRegistry } from '../src/inputs.ts';
import type { JwkSet } from '../src/jws.ts';

export const tenant = '0193e1a4-0000-7000-8000-000000000001';
export const subject = { kind: 'tenant', tenant } as const;
export const nonce = 'bm9uY2U';
/** Proves the subject to a reader who has the nonce. */
export const opening = { subject, nonce };
/** Of the certificate's key. */
export const kid = 'the-key-of-certificates';

export interface Key {
  readonly privateKey: KeyObject;
  readonly jwk: Record<string, unknown>;
}

export function newKey(name: string): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: name, alg: 'EdDSA', use: 'sig' };
  return { privateKey, jwk };
}

/** The start of the keys' validity: NumericDate (RFC 7519, 2). */
export const nbf = Date.parse('2026-11-29T00:00:00Z') / 1_000;

export const serviceKeys = Object.fromEntries(
  serviceNames.map((service) => [service, newKey(service)]),
) as Record<ServiceName, Key>;
export const certificateKey = newKey(kid);
/** As privacy publishes them. */
export const keys: JwkSet = {
  keys: [
    { ...newKey('a former key').jwk, exp: nbf },
    { ...certificateKey.jwk, nbf },
    ...serviceNames.map((service) => ({ ...serviceKeys[service].jwk, service, nbf })),
  ],
};

export const requestId = randomUUID();
export const stores = answeringStores(registry, 'tenant');
export const collections = registry.collections.flatMap(({ id, subject }) =>
  subject === null ? [] : [{ id, erased: subject.erased }],
);

export function sign(
  content: unknown,
  key: KeyObject = certificateKey.privateKey,
  header: { kid?: string; typ?: string } = {},
): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(content)))
    .setProtectedHeader({ alg: 'EdDSA', typ: certificateType, kid, ...header })
    .sign(key);
}

/** The receipt of a store; `change` contains deviating fields. */
export async function receipt(
  store: string,
  change: { readonly [Name in keyof Receipt]?: Receipt[Name] | undefined } = {},
  signer: ServiceName = serviceOf(store),
  { privateKey }: Key = serviceKeys[signer],
): Promise<Certificate['receipts'][number]> {
  const rule = registry.collections.find(({ id }) => id === store)?.subject ?? null;
  const content = {
    requestId,
    subject: commitmentTo(subject, nonce),
    service: change.service ?? serviceOf(store),
    store,
    matched: 3,
    matchedBy: rule?.erased === 'purge' ? 'search' : 'removal',
    deleted: 3,
    retained:
      rule === null || rule.ground === null
        ? []
        : [
            {
              category: `${store}: ${rule.remains.join(', ')}`,
              ground: rule.ground,
              until: null,
            },
          ],
    registryVersion: registry.version,
    at: '2026-11-30T12:00:20.000Z',
    ...change,
  };
  const header = { typ: receiptType, kid: signer };
  return { store, jws: await sign(content, privateKey, header) };
}

export function serviceOf(store: string): ServiceName {
  const service = stores.get(store);
  if (service === undefined) throw new Error(`No service has ${store}`);
  return service;
}

const dates = {
  requestedAt: '2026-11-30T12:00:00.000Z',
  completedAt: '2026-11-30T12:01:10.000Z',
};

/** The content of a certificate of a correct erasure. */
export async function goodCertificate(): Promise<Certificate> {
  const frozen = await readRegistry(registry.version);
  if (frozen === undefined) throw new Error('The registry is not there');
  const found = (names: readonly { id: string }[]) =>
    Object.fromEntries(names.map(({ id }) => [id, 0]));
  return {
    v: 2,
    requestId,
    ...dates,
    subject: commitmentTo(subject, nonce),
    registry: {
      version: registry.version,
      sha256: createHash('sha256').update(frozen).digest('hex'),
    },
    serviceKeys: { keys: serviceNames.map((service) => serviceKeys[service].jwk) },
    receipts: await Promise.all([...stores.keys()].map((store) => receipt(store))),
    fence: {
      raisedAt: '2026-11-30T12:00:05.000Z',
      processes: { ingress: 2, delivery: 1, logging: 1, identity: 1, privacy: 1 },
      wire: { finished: 2, unknown: 1 },
    },
    canaries: collections.map(({ id }) => id),
    sweeps: [
      {
        at: '2026-11-30T12:00:30.000Z',
        found: found(collections.filter(({ erased }) => erased === 'purge')),
      },
      { at: '2026-11-30T12:01:00.000Z', found: found(collections) },
    ],
    keys: { destroyed: ['epoch-000001', 'account', 'index'], triedRoots: ['epoch-000002'] },
    retained: outlives.map((kept) => outlivingAt(kept, dates)),
  };
}
