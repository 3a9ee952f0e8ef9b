import { randomUUID } from 'node:crypto';
import { day, hour, internalApis, minute } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { mongo } from 'mongoose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { monthsAfter } from '../src/requests/clocks.ts';
import { answerOrders } from './answer-orders.ts';
import { dpoToken, openWorld, ownerToken, sessionToken, type World } from './running-service.ts';

/** Requests in a session of an account that was changed shortly before. */
let world: World;
let client: mongo.MongoClient;
let others: AsyncDisposable;
const address = 'own@example.org';

beforeAll(async () => {
  world = await openWorld(Date.parse('2027-01-31T12:00:00Z'));
  world.factorAt = () => world.now;
  await world.start();
  client = new mongo.MongoClient(world.databases.privacy);
  const identity = await world.client('identity');
  await identity.call(internalApis.activateTenant, { tenant: 't1' });
  others = await answerOrders(world, []);
});
beforeEach(() => {
  world.accounts.set('t1 p1', address);
  world.accounts.set('t1 p2', address);
  world.changes.clear();
  world.waiting.splice(0);
});
afterAll(async () => {
  await others[Symbol.asyncDispose]();
  await client.close();
  await world.close();
});

interface Shown {
  readonly state: string;
  readonly actsAt: string | null;
  readonly receivedAt: string;
  readonly dueAt: string;
  readonly waitingFor: readonly string[];
  readonly cancellable: boolean;
  readonly download: string | null;
  readonly history: readonly { readonly kind: string; readonly reason: string | null }[];
}

const iso = (at: number): string => new Date(at).toISOString();

async function made(body: object, token: string): Promise<string> {
  const { requests } = await eventually(async () => {
    const answer = await world.request('POST', '/v1/requests', token, body);
    expect(answer.status).toBe(202);
    return (await answer.json()) as { requests: { id: string }[] };
  });
  return requests[0]?.id ?? '';
}

async function look(id: string, token = sessionToken): Promise<Shown> {
  const answer = await world.request('GET', `/v1/requests/${id}`, token);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Shown;
}

const cancel = async (id: string, token = sessionToken) =>
  (await world.request('DELETE', `/v1/requests/${id}`, token)).status;

const reaches = (id: string, state: string, token = sessionToken): Promise<Shown> =>
  eventually(async () => {
    world.now += 1_000;
    const shown = await look(id, token);
    expect(shown.state).toBe(state);
    return shown;
  });

/** Somebody has changed this account now. Until when its requests wait. */
function changed(person: string): number {
  world.changes.set(`t1 ${person}`, { changedAt: world.now });
  return world.now + 72 * hour;
}

/** Other requests are executed meanwhile, so the job had its turns. A key has no account that could change. */
async function byKey(about = `${randomUUID()}@example.net`): Promise<Shown> {
  const id = await made({ kind: 'access', addresses: [about] }, ownerToken);
  return reaches(id, 'completed', ownerToken);
}

/** What was done for a request: orders to the services, exports, erasures. */
async function doneFor(id: string): Promise<number> {
  const database = client.db();
  const counts = await Promise.all([
    database.collection('orders').countDocuments({ _id: id as never }),
    database.collection('exports').countDocuments({ request: id }),
    database.collection('erasures').countDocuments({ request: id }),
  ]);
  return counts.reduce((sum, count) => sum + count);
}

test('a person who asks for the own data right after a change of the account waits for 72 hours, and is told; then it continues by itself', async () => {
  const until = changed('p1');
  world.now += hour;
  const id = await made({ kind: 'access' }, sessionToken);
  const waits = { state: 'received', actsAt: iso(until), cancellable: true, download: null };
  const shown = await look(id);
  expect(shown).toMatchObject({
    ...waits,
    waitingFor: ['72 hours after the last change of the account'],
    // The clock of the law goes on.
    dueAt: iso(monthsAfter(new Date(shown.receivedAt), 1).getTime()),
  });
  expect(world.waiting).toEqual([{ realm: 't1', person: 'p1', kind: 'access', actsAt: until }]);
  await byKey();
  world.now = until - 5 * minute;
  await byKey();
  expect(world.now).toBeLessThan(until);
  expect(await look(id)).toMatchObject(waits);
  expect(await doneFor(id)).toBe(0);

  world.now = until;
  const { download, history, waitingFor } = await reaches(id, 'completed');
  expect([history.map(({ kind }) => kind), waitingFor]).toEqual([['received', 'completed'], []]);
  expect((await world.request('GET', String(download), sessionToken)).status).toBe(200);
  expect(await doneFor(id)).toBe(2);
});

test('an erasure waits likewise, and can be cancelled meanwhile; then it closes the account', async () => {
  const until = changed('p1');
  const withdrawn = await made({ kind: 'erasure' }, sessionToken);
  const id = await made({ kind: 'erasure' }, sessionToken);
  await byKey();
  expect(await look(withdrawn)).toMatchObject({ state: 'received', actsAt: iso(until) });
  expect(await cancel(withdrawn)).toBe(204);
  world.now = until - 5 * minute;
  await byKey();
  expect((await look(id)).state).toBe('received');
  expect(world.accounts.get('t1 p1')).toBe(address);

  world.now = until;
  await reaches(id, 'in_progress');
  await eventually(() => expect(world.accounts.has('t1 p1')).toBe(false));
  expect((await look(withdrawn)).state).toBe('cancelled');
  expect(await doneFor(withdrawn)).toBe(0);
});

test('only data and erasure wait, and only after a change within the 72 hours before the request', async () => {
  const until = changed('p1');
  const acts = async (body: object) => (await look(await made(body, sessionToken))).actsAt;
  expect({
    portability: await acts({ kind: 'portability' }),
    rectification: await acts({ kind: 'rectification', details: { name: 'Jane' } }),
    restriction: await acts({ kind: 'restriction' }),
    objection: await acts({ kind: 'objection' }),
  }).toEqual({
    portability: iso(until),
    rectification: null,
    restriction: null,
    objection: null,
  });
  expect(world.waiting).toHaveLength(1);

  world.changes.set('t1 p1', { changedAt: world.now - 72 * hour });
  const old = await made({ kind: 'access' }, sessionToken);
  expect(await reaches(old, 'completed')).toMatchObject({ actsAt: null });
  expect(world.waiting).toHaveLength(1);
});

test('a session that acts for others waits, too, also by OpenDSR; a key of the owner does not', async () => {
  const until = changed('p2');
  const about = `${randomUUID()}@example.net`;
  const id = await made({ kind: 'access', addresses: [about] }, dpoToken);
  const group = randomUUID();
  const asked = await world.request('POST', '/v1/opendsr/requests', dpoToken, {
    regulation: 'gdpr',
    subject_request_id: group,
    subject_request_type: 'erasure',
    submitted_time: iso(world.now),
    subject_identities: [{ identity_type: 'email', identity_value: about, identity_format: 'raw' }],
    api_version: '2.0',
  });
  expect(asked.status).toBe(201);
  expect(world.waiting.map(({ person, kind }) => [person, kind])).toEqual([
    ['p2', 'access'],
    ['p2', 'erasure'],
  ]);
  // About the same person, and about an account that was changed.
  changed('p1');
  for (const one of [about, address]) {
    expect(await byKey(one)).toMatchObject({ actsAt: null });
  }
  expect(await look(id, dpoToken)).toMatchObject({ state: 'received', actsAt: iso(until) });
  expect(await doneFor(id)).toBe(0);
  const status = await world.request('GET', `/v1/opendsr/requests/${group}`, ownerToken);
  expect(await status.json()).toMatchObject({ request_status: 'pending' });
});

test('a copy that is there already is not handed out in a session for 72 hours after a change', async () => {
  const id = await made({ kind: 'access' }, sessionToken);
  const { download } = await reaches(id, 'completed');
  const { download: ofCustomer } = await byKey();
  const statusOf = async (path: string | null, token: string) =>
    (await world.request('GET', String(path), token)).status;
  const until = changed('p1');
  changed('p2');
  expect({
    own: await statusOf(download, sessionToken),
    session: await statusOf(ofCustomer, dpoToken),
    key: await statusOf(ofCustomer, ownerToken),
    // Who may not have it learns nothing.
    foreign: await statusOf(download, dpoToken),
  }).toEqual({ own: 409, session: 409, key: 200, foreign: 404 });
  world.now = until;
  expect(await statusOf(download, sessionToken)).toBe(200);
});

test('a change of the address that is undone meanwhile cancels what was requested after it', async () => {
  const until = changed('p2');
  world.now += hour;
  const theirs = await made({ kind: 'erasure' }, dpoToken);
  world.now += day;
  const undoneAt = world.now;
  world.changes.set('t1 p2', { changedAt: undoneAt, undoneAt });
  world.now += hour;
  const own = await made({ kind: 'access' }, dpoToken);
  expect((await look(own, dpoToken)).actsAt).toBe(iso(undoneAt + 72 * hour));
  world.now = until;
  const { history } = await reaches(theirs, 'cancelled', dpoToken);
  expect(history.at(-1)).toMatchObject({
    kind: 'cancelled',
    reason: 'The change of the email address was undone',
  });
  expect(world.accounts.get('t1 p2')).toBe(address);
  // What its person has requested after that is executed.
  world.now = undoneAt + 72 * hour;
  await reaches(own, 'completed', dpoToken);
});

test('if the person cannot be told, nothing is requested', async () => {
  changed('p1');
  const count = () => client.db().collection('requests').countDocuments();
  const before = await count();
  world.isTellingImpossible = true;
  const refused = await world.request('POST', '/v1/requests', sessionToken, { kind: 'erasure' });
  world.isTellingImpossible = false;
  expect([refused.status >= 500, await count()]).toEqual([true, before]);
});
