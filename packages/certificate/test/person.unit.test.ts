import {
  answeringStores,
  commitmentTo,
  outlivesPerson,
  outlivingAt,
  registry,
  type Certificate,
  type Hold,
} from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { nonce, receipt } from './builder.ts';
import { check, checkContent, good, reasonsOf } from './checking.ts';
import { sign } from './builder.ts';

const address = 'Some.One@person.example';
const subject = commitmentTo({ kind: 'person', address }, nonce);
const searched = registry.collections.filter((held) => (held.subject?.person ?? null) !== null);

/** A certificate about a person. `held`: a legal hold on a store. */
async function aboutPerson(held?: Hold): Promise<Certificate> {
  const kept = held && {
    category: `${held.store}: legal hold`,
    ground: held.ground,
    until: held.until,
  };
  const { requestedAt, completedAt } = good;
  const receipts = [...answeringStores(registry, 'person').keys()].map((store) => {
    const isHeld = store === held?.store;
    const retained = isHeld && kept !== undefined ? [kept] : [];
    return receipt(store, { subject, retained, ...(isHeld && { deleted: 0 }) });
  });
  return {
    ...good,
    subject,
    receipts: await Promise.all(receipts),
    canaries: searched.map(({ id }) => id),
    sweeps: [
      {
        at: '2026-11-30T12:00:30.000Z',
        found: Object.fromEntries(
          searched.flatMap(({ id }) => (id === held?.store ? [] : [[id, 0]])),
        ),
      },
    ],
    keys: { destroyed: [], triedRoots: [] },
    retained: [
      ...(kept === undefined ? [] : [kept]),
      ...outlivesPerson.map((one) => outlivingAt(one, { requestedAt, completedAt })),
    ],
    ...(held !== undefined && { holds: [held] }),
  };
}

const person = await aboutPerson();
const opening = (of: string) => ({ subject: { kind: 'person' as const, address: of }, nonce });

test('the certificate of a person holds with one sweep and without keys, and its address opens it', async () => {
  const jws = await sign(person);
  expect(reasonsOf(await check(jws, opening(address)))).toEqual([]);
  expect(reasonsOf(await check(jws, opening('some.one@person.example')))).toEqual([
    'It is not about the person whose address you gave, or the nonce is another one',
  ]);
  // The id of a customer that equals the address is another kind of subject.
  const tenant = { subject: { kind: 'tenant' as const, tenant: address }, nonce };
  expect(reasonsOf(await check(jws, tenant))).toHaveLength(1);
});

test.each([
  ['no sweep', { sweeps: [] }, 'The verifier made no sweep'],
  [
    'a store that the verifier did not see',
    { canaries: person.canaries.slice(1) },
    `The verifier did not find the test record in ${searched[0]?.id ?? ''} before`,
  ],
  [
    'a destroyed key',
    { keys: { destroyed: ['index'], triedRoots: [] } },
    'It names the key index, and the erasure of a person destroys none',
  ],
  [
    'no receipt of a store without data of persons',
    { receipts: person.receipts.filter(({ store }) => store !== 'identity.people') },
    'There is no receipt of identity.people',
  ],
  [
    'records that were left',
    {
      sweeps: person.sweeps.map((one) => ({
        ...one,
        found: { ...one.found, 'logging.messages': 1 },
      })),
    },
    'The sweep at 2026-11-30T12:00:30.000Z found 1 records in logging.messages',
  ],
] as const)('%s: it does not hold', async (_name, change, reason) => {
  expect(await checkContent({ ...person, ...change })).toContain(reason);
});

test('a receipt about a customer does not count for a person', async () => {
  const [first, ...others] = person.receipts;
  const store = first?.store ?? '';
  const tenant = { kind: 'tenant', commitment: subject.commitment } as const;
  const swapped = [await receipt(store, { subject: tenant, retained: [] }), ...others];
  expect(await checkContent({ ...person, receipts: swapped })).toEqual([
    `The receipt of ${store} is about another subject`,
  ]);
});

const hold: Hold = {
  store: 'logging.messages',
  ground: 'A claim of the customer',
  until: '2027-01-01T00:00:00.000Z',
};

test('a legal hold keeps a store, if the certificate, the receipt and the list of what is kept say so', async () => {
  const held = await aboutPerson(hold);
  expect(await checkContent(held)).toEqual([]);
  const { holds: _holds, ...silent } = held;
  expect(await checkContent(silent)).toEqual(
    expect.arrayContaining([
      expect.stringContaining('The receipt of logging.messages says that 3 records were there'),
      expect.stringContaining('The registry does not allow to keep'),
      expect.stringContaining('left out logging.messages'),
    ]),
  );
  const other = { ...hold, ground: 'Another ground' };
  expect(await checkContent({ ...held, holds: [other] })).not.toEqual([]);
});

test('nothing of a customer can be held, and an older registry cannot find a person', async () => {
  expect(await checkContent({ ...good, holds: [hold] })).toContain(
    'It names a legal hold, and nothing of a customer can be held',
  );
});
