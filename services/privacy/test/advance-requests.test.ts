import { commitmentOf, hour, operatorRealm } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHolds, type Holds } from '../src/holds/register.ts';
import { requestAdvance } from '../src/jobs/advance-requests.ts';
import type { AdvanceDeps } from '../src/requests/advance.ts';
import { openRequests, type Requests } from '../src/requests/ledger.ts';
import type { PersonRequest, RightProgress } from '../src/rights/right.ts';
import { activateTenant } from '../src/tenants/activate.ts';
import { createSealing } from '../src/tenants/sealing.ts';
import { openBench, type KeyringBench } from './keyring-deps.ts';

const address = 'Jane@example.net';

let bench: KeyringBench;
let requests: Requests;
let holds: Holds;
/** What rights were asked, and what they answer; the last answer stays. */
let asked: PersonRequest[];
let answers: (RightProgress | Error)[];
let closed: object[];
let mails: { readonly about: string; readonly text: string }[];
let told: object[];
/** A process of privacy. */
let deps: AdvanceDeps;
let job: () => Promise<void>;

const progress = (state: RightProgress['state'], more: Partial<RightProgress> = {}) => ({
  state,
  waitingFor: [],
  receipts: [],
  ...more,
});

beforeEach(async () => {
  bench = await openBench();
  [asked, closed, mails, told] = [[], [], [], []];
  answers = [progress('completed_live', { certificate: 'a.b.c' })];
  const keyring = bench.process();
  const clock = { now: () => bench.now };
  const sealing = createSealing(keyring);
  const activate = (tenant: string) => activateTenant(tenant, keyring);
  for (const tenant of ['t1', 't2', operatorRealm]) await activate(tenant);
  const access = {
    run: (tenant: string, _purpose: string, work: (scope: { tenant: string }) => unknown) =>
      work({ tenant }),
  } as never;
  requests = await openRequests(bench.connection, { sealing, access, activate, clock });
  holds = await openHolds(bench.connection, { sealing, access, clock });
  const right = async (request: PersonRequest): Promise<RightProgress> => {
    asked.push(request);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error || answer === undefined) throw answer ?? new Error('None');
    return answer;
  };
  deps = {
    requests,
    holds,
    rights: {
      access: right,
      portability: right,
      rectification: right,
      erasure: right,
      restriction: right,
      objection: right,
    },
    policies: { of: async () => ({ mode: 'act_at_once', days: 7, disclosedAs: null }) },
    mails: { keep: async (about, { text }) => void mails.push({ about, text }) },
    sealing,
    identity: {
      call: async (_api: unknown, body: object) => {
        ('request' in body ? told : closed).push(body);
        return { result: 'closed' };
      },
    } as unknown as ServiceClient,
    holders: async (_request, tenants) => ({ holders: tenants, waitingFor: [] }),
    activeTenants: async () => ['t1', 't2'],
    facts: { supervisoryAuthority: { name: 'The Authority', website: 'https://example.org' } },
    clock,
    log: keyring.log,
  };
  job = requestAdvance(deps);
});

afterEach(() => bench.close());

const add = async (more: object = {}) => {
  const [made] = await requests.add({
    kind: 'erasure',
    channel: 'api',
    tenant: 't1',
    addresses: [address],
    by: 'token:k1',
    content: {},
    receivedAt: new Date(bench.now),
    ...more,
  });
  return made ?? { id: '', nonce: '' };
};

async function turns(count = 1): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    bench.now += 61_000;
    await job();
  }
}

const look = async (id: string) => {
  const found = await requests.find({ _id: id });
  if (found === null) throw new Error('There is no such request');
  return found;
};

test('a right gets the index, the commitment and the address; an erasure keeps no index of its person', async () => {
  const { id, nonce } = await add();
  expect((await look(id)).person).toBeNull();
  await turns(2);
  const [request] = asked;
  const index = (await deps.sealing.sealer('t1')).index(address);
  expect(request).toMatchObject({
    id,
    kind: 'erasure',
    tenant: 't1',
    person: index,
    commitment: commitmentOf(nonce, address),
    byOwner: true,
  });
  expect(await request?.address()).toBe(address);
  await turns(1);
  const done = await look(id);
  expect(done).toMatchObject({ state: 'completed_live', certificate: 'a.b.c', content: null });
  expect(done.turnAt).toBeNull();
  expect(asked).toHaveLength(1);
});

test('a right is called again until it is done, also after it has failed or thrown', async () => {
  answers = [
    progress('in_progress', { waitingFor: ['logging'] }),
    new Error('The broker is away'),
    progress('partial', { waitingFor: ['delivery.deferred'] }),
    progress('failed', { waitingFor: ['delivery.deferred'] }),
    progress('completed_live', { receipts: [{ store: 'logging.messages', jws: 'r.s.t' }] }),
  ];
  const { id } = await add();
  const states = [];
  for (let turn = 0; turn < 7; turn += 1) {
    await turns();
    const { state, waitingFor } = await look(id);
    states.push([state, ...waitingFor]);
  }
  expect(states).toEqual([
    ['in_progress'],
    ['in_progress', 'logging'],
    ['in_progress', 'logging'],
    ['partial', 'delivery.deferred'],
    ['failed', 'delivery.deferred'],
    ['completed_live'],
    ['completed_live'],
  ]);
  expect((await look(id)).receipts).toMatchObject([{ store: 'logging.messages', jws: 'r.s.t' }]);
  expect(bench.lines.filter(({ event }) => event === 'request.turn_failed')).toHaveLength(1);
});

test('two processes never run one request at once, and a process that crashed is replaced after its lease', async () => {
  const { id } = await add();
  await turns(1);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const slow = requestAdvance({
    ...deps,
    rights: {
      ...deps.rights,
      erasure: async (request) => {
        asked.push(request);
        await held;
        return progress('completed_live');
      },
    },
  });
  bench.now += 1_000;
  const running = slow();
  await expect.poll(() => asked.length).toBe(1);
  await job();
  expect(asked).toHaveLength(1);
  // The first process has stopped for longer than its lease.
  bench.now += 61_000;
  await job();
  expect(asked).toHaveLength(2);
  release();
  await running;
  expect((await look(id)).state).toBe('completed_live');
});

test('a legal hold: the erasure is held, and runs again with a certificate of its own when the hold ends', async () => {
  const hold = {
    tenant: 't1',
    address,
    store: 'logging.messages',
    ground: 'Claim 4711',
    approvedBy: 'person:p3',
  };
  const first = await holds.add({ ...hold, until: new Date(bench.now + hour) });
  await holds.add({ ...hold, store: 'delivery.deferred', until: new Date(bench.now + 2 * hour) });
  const { id } = await add();
  await turns(2);
  expect(await look(id)).toMatchObject({ state: 'held', certificate: 'a.b.c' });
  const person = { tenant: 't1', person: asked[0]?.person ?? '' };
  expect(await holds.of(person)).toMatchObject([
    { store: 'delivery.deferred' },
    { ground: 'Claim 4711' },
  ]);
  // One is released by a human, the other ends by itself.
  expect(await holds.release(first, 'person:p3', 'Settled')).toBe(true);
  await turns(2);
  expect((await requests.partsOf(id)).length).toBe(0);
  bench.now += 2 * hour;
  answers = [progress('completed_live', { certificate: 'd.e.f' })];
  await turns(5);
  const [again] = await requests.partsOf(id);
  expect(again).toMatchObject({ kind: 'erasure', tenant: 't1', state: 'completed_live' });
  expect(await look(id)).toMatchObject({ state: 'completed_live', certificate: 'd.e.f' });
  expect(asked.map((one) => one.id)).toEqual([id, again?._id]);
  expect(asked[1]?.commitment).toBe(asked[0]?.commitment);
});

test('a hold that ends while the erasure runs has kept something: the erasure runs again', async () => {
  answers = [progress('in_progress'), progress('completed_live', { certificate: 'a.b.c' })];
  await holds.add({
    tenant: 't1',
    address,
    store: 'logging.messages',
    ground: 'Claim 4711',
    approvedBy: 'person:p3',
    until: new Date(bench.now + 150_000),
  });
  const { id } = await add();
  await turns(2);
  bench.now += hour;
  await turns(1);
  expect((await look(id)).state).toBe('held');
  await turns(4);
  expect((await look(id)).state).toBe('completed_live');
  expect(await requests.partsOf(id)).toHaveLength(1);
});

test('a request of a person reaches every tenant once; the person learns the result and not for whom', async () => {
  const challenge = { hash: 'x', until: new Date(bench.now + hour) };
  const { id } = await add({ tenant: null, channel: 'public', by: 'person', challenge });
  await turns(3);
  expect(asked).toEqual([]);
  await requests.move({ _id: id, tenant: null }, ['awaiting_challenge'], 'received', {
    commitment: 'c',
  });
  await turns(4);
  expect(
    asked
      .map(({ tenant, commitment }) => [tenant, commitment])
      .toSorted(([a = ''], [b = '']) => a.localeCompare(b)),
  ).toEqual([
    ['t1', 'c'],
    ['t2', 'c'],
  ]);
  expect(told).toHaveLength(2);
  await turns(2);
  expect(await look(id)).toMatchObject({ state: 'completed_live', content: null, person: null });
  expect(mails).toMatchObject([{ about: `${id} result` }]);
  expect(mails[0]?.text).not.toMatch(/t1|t2/);
});

test('a tenant that is erased meanwhile takes its part with it, and the request of the person ends', async () => {
  const challenge = { hash: 'x', until: new Date(bench.now + hour) };
  const { id } = await add({ tenant: null, channel: 'public', by: 'person', challenge });
  await requests.move({ _id: id, tenant: null }, ['awaiting_challenge'], 'received', {
    commitment: 'c',
  });
  answers = [progress('in_progress')];
  await turns(3);
  expect(await requests.purge('t1')).toBe(1);
  answers = [progress('completed_live')];
  await turns(4);
  expect((await look(id)).state).toBe('completed_live');
});

test('the erasure of an own account closes the account first', async () => {
  const { id } = await add({ channel: 'account', by: 'person:p1', content: { account: 'p1' } });
  await turns(3);
  expect(closed).toEqual([{ realm: 't1', person: 'p1' }]);
  expect((await look(id)).state).toBe('completed_live');
});

test('an erasure removes the person from the other requests, and ends those that are open', async () => {
  answers = [progress('in_progress')];
  const open = await add({ kind: 'access' });
  await turns(2);
  const { person } = await look(open.id);
  expect(await requests.purgePerson({ tenant: 't1', person: person ?? '' }, undefined)).toBe(1);
  expect(await look(open.id)).toMatchObject({ state: 'cancelled', person: null, content: null });
  expect(await requests.purgePerson({ tenant: 't1', person: person ?? '' }, undefined)).toBe(0);
  await turns(2);
});
