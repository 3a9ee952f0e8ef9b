import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { answeringStores, receiptType, registry, type Receipt } from '@mysmtp/contracts';
import { CompactSign } from 'jose';
import { expect, test } from 'vitest';
import { composeCertificate } from '../src/erasures/certificate.ts';

const at = new Date('2026-11-24T12:00:00Z');
const { privateKey } = generateKeyPairSync('ed25519');

async function receiptOf(store: string, service: Receipt['service']) {
  const receipt: Receipt = {
    requestId: randomUUID(),
    service,
    store,
    matched: 1,
    deleted: 1,
    retained: [],
    registryVersion: registry.version,
    at: at.toISOString(),
  };
  const jws = await new CompactSign(Buffer.from(JSON.stringify(receipt)))
    .setProtectedHeader({ alg: 'EdDSA', typ: receiptType, kid: service })
    .sign(privateKey);
  return { store, deleted: 1, jws, at };
}

const compose = async () =>
  composeCertificate({
    erasure: {
      _id: randomUUID(),
      subject: { kind: 'tenant', tenant: 't1' },
      commitment: 'c',
      step: 'sweeping_again',
      requestedAt: at,
      since: at,
      askedAt: null,
      asked: 0,
      silent: [],
      leftovers: [],
      canaries: {},
      seen: [],
      seenUnder: null,
      raisedAt: at,
      sweeps: [],
      lastWrappedKey: null,
      destroyedKeys: [],
      triedRoots: [],
      certificate: null,
      completedAt: at,
      lease: null,
      leasedUntil: null,
    },
    receipts: await Promise.all(
      [...answeringStores(registry, 'tenant')].map(([store, service]) => receiptOf(store, service)),
    ),
    acknowledgements: [],
    registry,
    published: { keys: [] },
  });

test('a certificate gives a date only for data that privacy itself deletes', async () => {
  const { retained } = await compose();
  const dated = retained.filter(({ until }) => !Number.isNaN(Date.parse(until ?? '')));
  expect(dated.map(({ category }) => category)).toEqual([
    'privacy.erasures, privacy.erasureAnswers: this request, by ids and counts',
  ]);
  expect(dated[0]?.until).toBe('2029-11-23T12:00:00.000Z');
});

test("the retention of vault backups and log lines is given in the operator's words", async () => {
  const { retained } = await compose();
  for (const what of ['Backups of the vault', 'Log lines']) {
    const kept = retained.find(({ category }) => category.startsWith(what));
    expect(kept?.until, what).toContain('the operator');
  }
});
