import { randomUUID } from 'node:crypto';
import { commitmentOf, day, hour, minute } from '@mysmtp/contracts';
import { sealUnsubscribe } from '@mysmtp/seal';
import * as scheduler from '@mysmtp/service';
import { eventually, watchPacedJobs, type PacedJobs } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newAddress, openRequestService, type RequestService } from './request-service.ts';
import {
  dpoToken,
  operatorToken,
  ownerToken,
  sessionToken,
  type World,
} from './running-service.ts';

let service: RequestService;
let world: World;
let jobs: PacedJobs;

beforeAll(async () => {
  jobs = watchPacedJobs(scheduler);
  service = await openRequestService(Date.parse('2027-01-31T12:00:00Z'));
  ({ world } = service);
});
afterAll(async () => {
  jobs[Symbol.dispose]();
  await service.close();
});

const isAskedToCorrect = (correction: object) =>
  eventually(() => {
    world.now += 1_000;
    expect(world.corrections.at(-1)).toMatchObject(correction);
  });

const correct = (name: string) => ({ kind: 'rectification', details: { name } });

test('Clock (Art 12): a request has a number, a nonce and a month by calendar, and nothing of it is stored in clear', async () => {
  const address = newAddress();
  const [request] = await service.made({ ...correct('Jane Nordlicht'), addresses: [address] });
  const { id = '', nonce = '' } = request ?? {};
  const shown = await service.look(id);
  // A month after January 31 is February 28.
  expect(shown).toMatchObject({ dueAt: '2027-02-28T12:00:00.000Z', address });
  expect(shown.history).toMatchObject([{ kind: 'received', by: 'token:k1' }]);
  const [document] = await service.stored('requests');
  expect(Object.keys(document ?? {}).toSorted()).toEqual(
    [
      '_id',
      'kind',
      'channel',
      'tenant',
      'person',
      'by',
      'content',
      'commitment',
      'state',
      'since',
      'receivedAt',
      'dueAt',
      'ourDueAt',
      'actsAt',
      'beganAt',
      'settledAt',
      'personToldAt',
      'waitingFor',
      'receipts',
      'certificate',
      'download',
      'parent',
      'group',
      'challenge',
      'challengeUntil',
      'statusHash',
      'callbackAt',
      'callbacks',
      'turnAt',
      'lease',
      'leasedUntil',
      'entries',
      'notified',
      'noticesDue',
    ].toSorted(),
  );
  expect(document?.['commitment']).toBe(
    commitmentOf(nonce, address.replace(/@.*/, '@example.net')),
  );
  for (const text of ['Nordlicht', 'Jane', nonce]) {
    expect(JSON.stringify([document, world.lines])).not.toContain(text);
  }

  // Rectification (Art 16): identity corrects the account, and the person must confirm a new address.
  await service.reaches(id, 'in_progress');
  await isAskedToCorrect({ realm: 't1', address, newName: 'Jane Nordlicht' });
  world.correction = 'corrected';
  const done = await service.reaches(id, 'completed');
  world.correction = 'waits';
  expect(done.history.map(({ kind }) => kind)).toEqual(['received', 'completed']);
  // Notification (Art 19): the sub-processor that may have the data gets a mail within an hour.
  expect(done.notified).toMatchObject([{ recipient: 'Example Hosting GmbH', at: null }]);
  world.now += hour;
  const mail = await service.mailTo('privacy@hosting.example.com', /Art\. 19/);
  expect(mail).toContain(id);
  expect(mail).not.toMatch(/Jane|example\.net/);
  await eventually(async () => expect((await service.look(id)).notified[0]?.at).not.toBeNull());
  // Entries of the audit chain are annotated by another one, never rewritten.
  await eventually(() =>
    expect(service.audited).toContainEqual(
      expect.objectContaining({ type: 'rectified', tenant: 't1', object: id }),
    ),
  );
  // Nobody needs to know any more whom it was about.
  await eventually(async () => {
    world.now += 1_000;
    const [after] = await service.stored('requests');
    expect([after?.['content'], after?.['person'], after?.['turnAt']]).toEqual([null, null, null]);
  });
});

test('idle jobs: a request wakes that of requests, its erasure that of erasures, a mail that of mails', async () => {
  const erasures = service.database.collection('erasures');
  const requests = service.database.collection<{ _id: string }>('requests');
  await jobs.whileIdle('advance-requests', () =>
    jobs.whileIdle('advance-erasures', async () => {
      const [request] = await service.made({ kind: 'erasure', addresses: [newAddress()] });
      const id = request?.id ?? '';
      await eventually(async () => expect((await service.look(id)).state).toBe('in_progress'));
      await eventually(async () => {
        const turn = { lease: expect.any(String) as string };
        expect(await erasures.findOne({ request: id })).toMatchObject(turn);
      });
      await requests.deleteOne({ _id: id });
      await erasures.deleteOne({ request: id });
    }),
  );
  const address = newAddress();
  await jobs.whileIdle('submit-mails', async () => {
    await service.ask('POST', '/v1/public/requests', undefined, { address, kind: 'access' });
    await eventually(() => expect(world.mails.map(({ to }) => to)).toContain(address));
  });
});

test('requests: who may see and make which', async () => {
  const [own] = await service.made({ kind: 'access', addresses: [newAddress()] });
  const id = own?.id ?? '';
  // A person of the tenant without this permission, and somebody without a token.
  expect((await service.ask('GET', `/v1/requests/${id}`, sessionToken)).status).toBe(404);
  expect((await service.ask('GET', `/v1/requests/${id}`)).status).toBe(401);
  const others = { kind: 'access', addresses: [newAddress()] };
  expect((await service.ask('POST', '/v1/requests', sessionToken, others)).status).toBe(404);
  // An operator sees times and states.
  expect(await service.look(id, operatorToken)).toMatchObject({
    state: expect.stringMatching(/^(received|in_progress)$/) as string,
    address: null,
  });
  expect((await service.ask('POST', '/v1/requests', operatorToken, others)).status).toBe(404);
  // A key has no data of its own, and an address must be one.
  expect((await service.ask('POST', '/v1/requests', ownerToken, { kind: 'access' })).status).toBe(
    400,
  );
  const wrong = { kind: 'access', addresses: ['a b@example.net'] };
  expect((await service.ask('POST', '/v1/requests', ownerToken, wrong)).status).toBe(400);
  expect(
    (
      await service.ask('POST', '/v1/requests', ownerToken, {
        kind: 'rectification',
        addresses: [newAddress()],
      })
    ).status,
  ).toBe(400);
});

test('Identity of the asker, A: a fresh second factor; the request is about the own account', async () => {
  const address = newAddress();
  world.accounts.set('t1 p1', address);
  world.factorAt = () => world.now - 6 * minute;
  const stale = await service.ask('POST', '/v1/requests', sessionToken, { kind: 'access' });
  expect([stale.status, stale.body]).toMatchObject([
    403,
    { type: 'urn:mysmtp:problem:fresh-factor-required' },
  ]);
  world.factorAt = () => world.now;
  const [request] = await service.made(correct('Jane'), sessionToken);
  const id = request?.id ?? '';
  expect(await service.look(id, sessionToken)).toMatchObject({ channel: 'account', address });
  await service.reaches(id, 'in_progress', sessionToken);
  await isAskedToCorrect({ realm: 't1', address, newName: 'Jane' });
  // The data protection officer of the tenant sees it, too.
  expect((await service.look(id, dpoToken)).state).toBe('in_progress');
  expect((await service.ask('DELETE', `/v1/requests/${id}`, dpoToken)).status).toBe(404);
  expect((await service.ask('DELETE', `/v1/requests/${id}`, sessionToken)).status).toBe(204);
  expect((await service.look(id, sessionToken)).state).toBe('cancelled');
  expect((await service.ask('DELETE', `/v1/requests/${id}`, sessionToken)).status).toBe(409);
});

test('a list of 5,000 addresses makes 5,000 requests', async () => {
  const addresses = Array.from({ length: 5_000 }, () => newAddress());
  const list = await service.made({
    kind: 'access',
    addresses: [...addresses, addresses[0]].slice(0, 5_000),
  });
  expect(new Set(list.map(({ id }) => id)).size).toBe(5_000);
  const more = { kind: 'access', addresses: [...addresses, newAddress()] };
  expect((await service.ask('POST', '/v1/requests', ownerToken, more)).status).toBe(400);
  await service.database.collection('requests').deleteMany({ kind: 'access' });
});

test('Restriction (18(3)): a person records that somebody was told, never a key', async () => {
  world.isIngressAway = true;
  const lift = { kind: 'restriction', details: { lift: true }, language: 'de' };
  const [lifting] = await service.made({ ...lift, addresses: [newAddress()] });
  const id = lifting?.id ?? '';
  await eventually(async () => {
    world.now += 1_000;
    expect(await service.look(id)).toMatchObject({ waitingFor: ['the notice to the person'] });
  });
  expect(await service.decide(id, 'act', ownerToken)).toBe(409);
  expect(await service.decide(id, 'act', dpoToken)).toBe(204);
  expect((await service.look(id)).history.at(-1)).toMatchObject({ kind: 'acted', by: 'person:p2' });
  world.isIngressAway = false;
});

test('Objection (21): one click is an entry in the ledger, once for each person and customer', async () => {
  const person = randomUUID();
  const { keys } = await world.ask('ingress', 't1', ['account']);
  if (keys.account === undefined) throw new Error('No key');
  const token = sealUnsubscribe(keys.account, 't1', person);
  const body = { 'List-Unsubscribe': 'One-Click' };
  const click = () =>
    world.request('POST', `/v1/unsubscribe/${token}`, undefined, body).then(({ status }) => status);
  const clicks = service.database.collection('requests').find({ channel: 'one-click' });
  // Two at once, and a third one later.
  expect(await Promise.all([click(), click()])).toEqual([200, 200]);
  const [entry] = await clicks.toArray();
  const id = String(entry?.['_id']);
  const done = await service.reaches(id, 'completed');
  expect(await click()).toBe(200);
  expect(done).toMatchObject({ kind: 'objection', channel: 'one-click', address: null });
  expect(done.history.map(({ kind, by }) => [kind, by])).toEqual([
    ['received', 'person'],
    ['completed', 'job:advance-requests'],
  ]);
  const listed = await service.ask('GET', '/v1/requests?state=completed', ownerToken);
  const { requests } = listed.body as unknown as { requests: { id: string; channel: string }[] };
  expect(requests.filter(({ channel }) => channel === 'one-click').map((one) => one.id)).toEqual([
    id,
  ]);
  // Delivery has the suppression. The ledger forgets who it was after 30 days.
  expect(await service.database.collection('requests').countDocuments({ person })).toBe(1);
  expect(
    await service.database.collection('requests').countDocuments({ channel: 'one-click' }),
  ).toBe(1);
  world.now += 31 * day;
  await service.restart();
  await eventually(async () =>
    expect(await service.database.collection('requests').countDocuments({ person })).toBe(0),
  );
  expect((await service.look(id)).state).toBe('completed');
});
