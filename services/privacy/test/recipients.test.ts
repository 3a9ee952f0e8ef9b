import { randomUUID } from 'node:crypto';
import { day, hour } from '@mysmtp/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { showErasure } from '../src/api/show-erasure.ts';
import type { SagaDeps } from '../src/erasures/deps.ts';
import { advance } from '../src/erasures/saga.ts';
import { mailRetention } from '../src/mails/outbox.ts';
import { erasedCategories, subProcessorsToTell } from '../src/recipients/notified.ts';
import { outcomesOf } from '../src/requests/outcomes.ts';
import { createRecipientNotices } from '../src/requests/recipients.ts';
import { address, openRequestBench, progress, type RequestBench } from './request-bench.ts';

const hosting = 'Example Hosting GmbH';
const contact = 'privacy@hosting.example.com';

let world: RequestBench;
let notices: ReturnType<typeof createRecipientNotices>;

beforeEach(async () => {
  world = await openRequestBench();
  notices = noticesOf({});
});
afterEach(() => world.bench.close());

function noticesOf(facts: object) {
  const { requests, erasures, mails, deps } = world;
  const all = { ...deps.facts, name: 'Example Relay GmbH', backupRetentionDays: 14, ...facts };
  return createRecipientNotices({ ...deps, requests, erasures, mails, facts: all });
}

/** One turn of the job. */
async function mailsGo(): Promise<void> {
  await notices.send();
  await world.mails.submitDue(notices.submitted);
}

const notifiedOf = async (id: string) => (await world.look(id)).notified;

test('Notification (19): a sub-processor that may have the data is told once, without the person, and the proof is kept', async () => {
  const { id } = await world.add();
  await world.turns(2);
  const done = await world.look(id);
  expect(done).toMatchObject({ state: 'completed_live', noticesDue: expect.any(Date) as Date });
  const waits = { recipient: hosting, about: 'erasure', at: null, message: null, reason: null };
  // Who gets no mail cannot act on it: the facts say why.
  const reason = 'It answers questions about domains and keeps nothing about a person';
  const none = {
    recipient: 'Example Resolver BV',
    about: 'erasure',
    at: null,
    message: null,
    reason,
  };
  expect(done.notified).toEqual([waits, none]);
  await mailsGo();
  expect(world.sent).toEqual([]);

  world.bench.now += hour;
  await mailsGo();
  const [mail, ...more] = world.sent;
  expect([mail?.to, more]).toEqual([contact, []]);
  const told = { recipient: hosting, at: new Date(world.bench.now), message: mail?.id };
  expect(await notifiedOf(id)).toMatchObject([told, none]);
  // A German company; the copies end 14 days after the erasure.
  const at = (time: number) => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const erasedAt = done.settledAt?.getTime() ?? 0;
  expect(mail?.text).toContain('Gelöscht (Art. 17 DSGVO)');
  expect(mail?.text).toContain(
    `${id}  erledigt ${at(erasedAt)}, Kopien enden ${at(erasedAt + 14 * day)}`,
  );
  expect(mail?.text).not.toMatch(/Jane|example\.net|t1/);
  expect(JSON.stringify(await world.look(id))).not.toMatch(/Jane|hosting\.example/);
  await world.turns(2);
  await mailsGo();
  expect(world.sent).toHaveLength(1);
  expect((await world.look(id)).noticesDue).toBeNull();
});

test('a list is one mail: what is executed meanwhile is in it, each kind with what the company can do', async () => {
  const one = await world.add();
  await world.turns(2);
  world.answer(progress('completed'));
  const two = await world.add({ kind: 'rectification' });
  const three = await world.add({ kind: 'restriction' });
  const four = await world.add({ kind: 'restriction', content: { details: { lift: true } } });
  const free = [await world.add({ kind: 'objection' }), await world.add({ kind: 'access' })];
  await world.turns(2);
  world.bench.now += hour - 122_000;
  await mailsGo();
  expect(world.sent).toHaveLength(1);
  const text = world.sent[0]?.text ?? '';
  const order = [
    /Berichtigt[^]*?/,
    two.id,
    /[^]*?Gelöscht[^]*?/,
    one.id,
    /[^]*?Eingeschränkt[^]*?/,
  ];
  const all = [...order, three.id, /[^]*?aufgehoben[^]*?/, four.id];
  expect(text).toMatch(
    new RegExp(all.map((part) => (typeof part === 'string' ? part : part.source)).join('')),
  );
  for (const { id } of free) {
    expect(text).not.toContain(id);
    expect(await notifiedOf(id)).toEqual([]);
  }
  const abouts = await Promise.all([one, two, three, four].map(({ id }) => notifiedOf(id)));
  expect(abouts.map(([first]) => [first?.about, first?.message])).toEqual(
    ['erasure', 'rectification', 'restriction', 'lifting'].map((about) => [
      about,
      world.sent[0]?.id,
    ]),
  );
  // The name servers have no account of a person.
  expect((await notifiedOf(two.id)).map(({ recipient }) => recipient)).toEqual([hosting]);
});

test('while ingress is away the mail waits and is written again after days; a refused one is recorded', async () => {
  const { id } = await world.add();
  await world.turns(2);
  world.bench.now += hour;
  world.ingress.result = new Error('Away');
  await mailsGo();
  expect((await notifiedOf(id))[0]?.at).toBeNull();
  const message = (await notifiedOf(id))[0]?.message;
  world.bench.now += mailRetention + hour;
  await mailsGo();
  world.ingress.result = 'accepted';
  await mailsGo();
  expect(world.sent.map((mail) => mail.id)).toEqual([message]);
  expect((await notifiedOf(id))[0]).toMatchObject({ at: new Date(world.bench.now), reason: null });

  const refused = await world.add();
  await world.turns(2);
  world.bench.now += hour;
  world.ingress.result = 'refused';
  await mailsGo();
  const reason = 'Our relay has refused the mail to it';
  expect((await notifiedOf(refused.id))[0]).toMatchObject({ at: null, reason });
  expect((await world.look(refused.id)).noticesDue).toBeNull();
});

test('what a hold keeps is told when the rest is erased, and again when the repetition is done', async () => {
  const until = new Date(world.bench.now + hour);
  const hold = {
    tenant: 't1',
    address,
    store: 'logging.messages',
    ground: 'Claim',
    approvedBy: 'x',
  };
  await world.holds.add({ ...hold, until });
  const { id } = await world.add();
  await world.turns(2);
  expect(await world.look(id)).toMatchObject({
    state: 'held',
    notified: [{ recipient: hosting }, {}],
  });
  world.bench.now += hour;
  await world.turns(5);
  const [again] = await world.requests.partsOf(id);
  expect(again?.notified).toMatchObject([{ recipient: hosting, at: null }, {}]);
  expect((await world.look(id)).notified).toHaveLength(2);
});

/** The entry of a completed erasure, as the saga leaves it. */
async function erased(subject: object, more: object): Promise<{ id: string; at: Date }> {
  const [_id, at] = [randomUUID(), new Date(world.bench.now)];
  const times = { requestedAt: at, since: at, completedAt: at };
  const entry = { _id, subject, commitment: 'c', step: 'completed_live', ...times, ...more };
  await world.erasures.create(entry as object);
  return { id: _id, at };
}

test('Notification (19): sub-processors get one mail about the erasure of a whole customer and others, without who it was, and the proof is in its entry', async () => {
  const { facts } = world.deps;
  const due = () =>
    subProcessorsToTell(erasedCategories('tenant'), 'erasure', { facts, now: world.bench.now });
  expect(due().notified.map(({ recipient }) => recipient)).toEqual([
    hosting,
    'Example Resolver BV',
  ]);
  const customer = await erased({ kind: 'tenant', tenant: 'the-erased-customer' }, due());
  const person = { kind: 'person', tenant: 't1', person: 'blind-index' };
  const byOperator = await erased(person, due());
  // Of an earlier release: nobody was to be told.
  await erased({ kind: 'tenant', tenant: 'long-ago' }, {});
  const { id } = await world.add();
  await world.turns(2);
  world.bench.now += hour;
  await mailsGo();
  const [mail, ...more] = world.sent;
  expect([mail?.to, more]).toEqual([contact, []]);
  const [ofCustomer, ofPersons] = ['Alle Daten eines Kunden gelöscht', 'Gelöscht (Art. 17 DSGVO)'];
  const sections = mail?.text.split('\n\n') ?? [];
  const listed = (title: string) =>
    sections[sections.findIndex((one) => one.startsWith(title)) + 1]
      ?.split('\n')
      .map((line) => line.slice(0, 36));
  expect(listed(ofCustomer)).toEqual([customer.id]);
  expect(listed(ofPersons)).toEqual([id, byOperator.id]);
  const at = (time: number) => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const erasedAt = customer.at.getTime();
  expect(mail?.text).toContain(
    `${customer.id}  erledigt ${at(erasedAt)}, Kopien enden ${at(erasedAt + 14 * day)}`,
  );
  // Kinds of data of the whole account, too.
  expect(mail?.text).toContain('Anmeldung');
  expect(mail?.text).not.toMatch(/the-erased-customer|blind-index|t1/);
  const shown = await showErasure({
    ledger: world.erasures,
    answers: { receipts: async () => [] } as never,
  })({ params: { id: customer.id } } as never);
  expect(shown.body).toMatchObject({
    notified: [
      { recipient: hosting, at: new Date(world.bench.now).toISOString(), message: mail?.id },
      { recipient: 'Example Resolver BV', at: null, message: null },
    ],
  });
  await mailsGo();
  expect(world.sent).toHaveLength(1);
  const entry = await world.erasures.findById(customer.id).lean();
  expect(entry?.noticesDue).toBeNull();
});

test('an erasure is told once: not by its entry if a request tells of it, if it was a substitute, or if the whole customer was erased', async () => {
  const { bench, erasures, deps } = world;
  const saga = { ...deps, ledger: erasures, tenants: bench.tenants } as unknown as SagaDeps;
  const gone = {
    _id: 'gone',
    state: 'erased',
    version: 2,
    createdAt: new Date(bench.now),
  } as const;
  await bench.tenants.create(gone);
  const toldOf = async (tenant: string, more: object) => {
    const subject = { kind: 'person', tenant, person: 'blind-index' };
    const lifted = { step: 'lifting', asked: 1, certificate: 'a.b.c' };
    const { id } = await erased(subject, { ...lifted, completedAt: null, ...more });
    const entry = await erasures.findById(id).lean();
    if (entry === null) throw new Error('It is not there');
    await advance(entry, saga);
    const after = await erasures.findById(id).lean();
    expect(after?.step).toBe('completed_live');
    return [after?.notified?.map(({ recipient }) => recipient), after?.noticesDue];
  };
  const due = new Date(bench.now + hour);
  expect(await toldOf('t1', {})).toEqual([[hosting, 'Example Resolver BV'], due]);
  const none = [[], null];
  expect(await toldOf('t1', { request: randomUUID() })).toEqual(none);
  expect(await toldOf('t1', { substitute: true })).toEqual(none);
  // Its purge was not complete.
  expect(await toldOf('gone', { step: 'purging', certificate: null })).toEqual(none);
});

test('the person learns which sub-processors were told or why not, in the language of the answer, and never who the customer is', async () => {
  const { id } = await world.add({ channel: 'public', tenant: null, by: 'person' });
  await world.turns(4);
  const whole = await world.look(id);
  const parts = await world.requests.partsOf(id);
  expect(parts.map(({ notified: [first] }) => first?.recipient)).toEqual(['customer', 'customer']);
  const told = async (language: 'en' | 'de') =>
    (await outcomesOf(whole, language, world.deps)).map(({ notified }) => notified);
  const none = { recipient: 'Example Resolver BV', at: null };
  const german = 'Beantwortet Fragen nach Domains und speichert nichts über eine Person';
  const waits = [
    { recipient: hosting, at: null, reason: null },
    { ...none, reason: german },
  ];
  expect(await told('de')).toEqual([waits, waits]);
  world.bench.now += hour;
  await mailsGo();
  const english = 'It answers questions about domains and keeps nothing about a person';
  const done = [
    { recipient: hosting, at: new Date(world.bench.now).toISOString(), reason: null },
    { ...none, reason: english },
  ];
  expect(await told('en')).toEqual([done, done]);
});

test('nothing was corrected: nobody is told', async () => {
  world.answer(progress('completed', { nothingDone: true }));
  const { id } = await world.add({ kind: 'rectification' });
  await world.turns(2);
  expect(await world.look(id)).toMatchObject({ state: 'completed', notified: [] });
});

test('the customer is told of what it has not requested itself, and the request says so', async () => {
  const own = await world.add();
  const ofAccount = { channel: 'account', by: 'person:p1', content: { account: 'p1' } };
  const account = await world.add(ofAccount);
  const access = await world.add({ ...ofAccount, kind: 'access' });
  await world.turns(2);
  expect(world.told).toMatchObject([{ tenant: 't1', request: account.id, kind: 'erasure' }]);
  const recipients = async (id: string) => (await notifiedOf(id)).map(({ recipient }) => recipient);
  expect(await recipients(account.id)).toEqual(['customer', hosting, 'Example Resolver BV']);
  expect(await recipients(own.id)).not.toContain('customer');
  expect(await recipients(access.id)).toEqual([]);
});
