import { commitmentTo, type CommittedSubject } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { nonce, receipt, stores } from './builder.ts';
import { check, checkContent, good, reasonsOf, withReceipt } from './checking.ts';
import { sign } from './builder.ts';

const other = { kind: 'tenant', tenant: '0193e1a4-0000-7000-8000-000000000002' } as const;
const otherSubject = commitmentTo(other, nonce);
const store = 'delivery.deferred';

/** An unsupported kind, about a person of the same tenant. */
const unknown = { kind: 'household', commitment: good.subject.commitment };

test('a certificate of one erasure with the subject of another: every receipt contradicts it', async () => {
  const swapped = { ...good, subject: otherSubject };
  expect(await checkContent(swapped)).toEqual(
    [...stores.keys()].map((name) => `The receipt of ${name} is about another subject`),
  );
  // The nonce of the claimed subject does not help either.
  const verification = await check(await sign(swapped), { subject: other, nonce });
  expect(verification.holds).toBe(false);
});

test('a receipt of the erasure of another tenant, and one without a subject', async () => {
  const reasonsWith = async (subject: CommittedSubject | undefined) =>
    checkContent(
      withReceipt(store, await receipt(store, subject === undefined ? {} : { subject })),
    );
  expect(await reasonsWith(good.subject)).toEqual([]);
  expect(await reasonsWith(otherSubject)).toEqual([
    `The receipt of ${store} is about another subject`,
  ]);
  const { jws } = await receipt(store, { subject: undefined });
  expect(await checkContent(withReceipt(store, { store, jws }))).toEqual([
    `The receipt of ${store} does not name its subject`,
  ]);
});

test('an unsupported kind of subject, in the certificate or in a receipt', async () => {
  const verification = await check(await sign({ ...good, subject: unknown }));
  expect(reasonsOf(verification)).toEqual([
    'This command does not support its kind of subject; a newer version may support it',
  ]);
  // Its content is not shown as if it were about a tenant.
  expect(verification.statement).toBeUndefined();
  const { jws } = await receipt(store, { subject: unknown as CommittedSubject });
  expect(await checkContent(withReceipt(store, { store, jws }))).toEqual([
    `The receipt of ${store} is incomplete`,
  ]);
});

test('a person in a field beside the tenant makes it invalid, because the field could narrow the erasure', async () => {
  const subject = { ...good.subject, person: 'aW5kZXg' };
  expect(await checkContent({ ...good, subject })).toEqual([
    'It is not in the form of a certificate: subject',
  ]);
});
