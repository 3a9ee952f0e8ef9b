import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { commitmentTo } from '@mysmtp/contracts';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { explain } from '../src/explain.ts';
import { readRegistry } from '../src/inputs.ts';
import { JwkSet } from '../src/jws.ts';
import { verify } from '../src/verify.ts';
import { good, reasonsOf } from './checking.ts';
import { keys, nonce, receipt, sign, stores, subject } from './builder.ts';

/** A certificate as privacy made it before certificates had a subject, with the keys of that stack. */
const file = path.join(import.meta.dirname, 'fixtures/version-1.json');
const first = JSON.parse(await readFile(file, 'utf8')) as {
  readonly tenant: string;
  readonly nonce: string;
  readonly jws: string;
  readonly published: unknown;
};
const published = JwkSet.parse(first.published);
const opening = { subject: { kind: 'tenant', tenant: first.tenant }, nonce: first.nonce } as const;

/** The good certificate in the form of version 1. */
function asFirst({ subject: { kind, commitment }, ...same }: typeof good, change: object = {}) {
  return { ...same, v: 1, scope: kind, commitment, ...change };
}

/** The receipts of that time, which do not name a subject. */
const withoutSubject = await Promise.all(
  [...stores.keys()].map((store) => receipt(store, { subject: undefined })),
);

const reasons = async (content: unknown) =>
  reasonsOf(await verify(await sign(content), keys, readRegistry));

test('a real certificate of version 1 holds, and its subject is shown', async () => {
  const verification = await verify(first.jws, published, readRegistry, opening);
  expect(reasonsOf(verification)).toEqual([]);
  expect(verification.holds).toBe(true);
  expect(verification.checks).toHaveLength(13);
  expect(verification.statement?.receipts.size).toBe(19);
  expect(verification.statement?.certificate.subject).toEqual(
    commitmentTo(opening.subject, first.nonce),
  );
  const shown = explain(verification, { keys: 'keys.json', opening: true });
  expect(shown).toContain('Subject        a customer (tenant) as a whole');
  expect(shown).toContain('It is in version 1 of certificates');
});

test('it is refused for another tenant, as it was before', async () => {
  const wrong = { ...opening, subject };
  expect(reasonsOf(await verify(first.jws, published, readRegistry, wrong))).toEqual([
    'It is not about the customer whose id you gave, or the nonce is another one',
  ]);
});

test('its content in the current form: its receipts do not name a subject', async () => {
  const { v: _, scope: kind, commitment, ...same } = decodeJwt(first.jws);
  expect(same['registry']).toMatchObject({ version: 7 });
  const content = { ...same, v: 2, subject: { kind, commitment } };
  const signed = await verify(
    await sign(content),
    { keys: [...published.keys, ...keys.keys] },
    readRegistry,
  );
  expect(
    reasonsOf(signed).filter((reason) => reason.includes('does not name its subject')),
  ).toHaveLength(19);
});

test('version 1 for an erasure whose receipts name another subject', async () => {
  expect(await reasons(asFirst(good, { receipts: withoutSubject }))).toEqual([]);
  const commitment = commitmentTo({ kind: 'tenant', tenant: 'another' }, nonce).commitment;
  expect(await reasons(asFirst(good, { commitment }))).toEqual(
    [...stores.keys()].map((store) => `The receipt of ${store} is about another subject`),
  );
});

test('version 1 after its time, and for another scope', async () => {
  const late = asFirst(good, { completedAt: '2027-02-28T00:00:00.000Z', receipts: withoutSubject });
  expect(await reasons(late)).toContain(
    'It was complete on 2027-02-28T00:00:00.000Z, and version 1 of certificates was used until 2027-02-28T00:00:00Z',
  );
  expect(await reasons(asFirst(good, { scope: 'person' }))).toEqual([
    'It is not in the form of a certificate: scope',
  ]);
});
