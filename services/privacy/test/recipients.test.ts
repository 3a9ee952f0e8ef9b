import { day, hour } from '@mysmtp/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mailRetention } from '../src/mails/outbox.ts';
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
  const { requests, mails, deps } = world;
  const all = { ...deps.facts, name: 'Example Relay GmbH', backupRetentionDays: 14, ...facts };
  return createRecipientNotices({ ...deps, requests, mails, facts: all });
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
