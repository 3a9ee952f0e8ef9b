import { commitmentOf, hour } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requestAdvance } from '../src/jobs/advance-requests.ts';
import { address, openRequestBench, progress, type RequestBench } from './request-bench.ts';

let world: RequestBench;
const { add, answer, look, turns } = {
  add: (more?: object) => world.add(more),
  answer: (...next: Parameters<RequestBench['answer']>) => world.answer(...next),
  look: (id: string) => world.look(id),
  turns: (count?: number) => world.turns(count),
};
beforeEach(async () => {
  world = await openRequestBench();
});
afterEach(() => world.bench.close());

test('a right gets the index, the commitment and the address; an erasure keeps no index of its person', async () => {
  const { id, nonce } = await add();
  expect((await look(id)).person).toBeNull();
  await turns(2);
  const [request] = world.asked;
  const index = (await world.deps.sealing.sealer('t1')).index(address);
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
  expect(world.asked).toHaveLength(1);
});

test('a right is called again until it is done, also after it has failed or thrown', async () => {
  answer(
    progress('in_progress', { waitingFor: ['logging'] }),
    new Error('The broker is away'),
    progress('partial', { waitingFor: ['delivery.deferred'] }),
    progress('failed', { waitingFor: ['delivery.deferred'] }),
    progress('completed_live', { receipts: [{ store: 'logging.messages', jws: 'r.s.t' }] }),
  );
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
  expect(world.bench.lines.filter(({ event }) => event === 'request.turn_failed')).toHaveLength(1);
});

test('two processes never run one request at once, and a process that crashed is replaced after its lease', async () => {
  const { id } = await add();
  await turns(1);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const slow = requestAdvance({
    ...world.deps,
    rights: {
      ...world.deps.rights,
      erasure: async (request) => {
        world.asked.push(request);
        await held;
        return progress('completed_live');
      },
    },
  });
  world.bench.now += 1_000;
  const running = slow();
  await eventually(() => expect(world.asked).toHaveLength(1));
  await world.job();
  expect(world.asked).toHaveLength(1);
  // The first process has stopped for longer than its lease.
  world.bench.now += 61_000;
  await world.job();
  expect(world.asked).toHaveLength(2);
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
  const first = await world.holds.add({ ...hold, until: new Date(world.bench.now + hour) });
  await world.holds.add({
    ...hold,
    store: 'delivery.deferred',
    until: new Date(world.bench.now + 2 * hour),
  });
  const { id } = await add();
  await turns(2);
  expect(await look(id)).toMatchObject({ state: 'held', certificate: 'a.b.c' });
  const person = { tenant: 't1', person: world.asked[0]?.person ?? '' };
  expect(await world.holds.of(person)).toMatchObject([
    { store: 'delivery.deferred' },
    { ground: 'Claim 4711' },
  ]);
  // One is released by a human, the other ends by itself.
  expect(await world.holds.release(first, 'person:p3', 'Settled')).toBe(true);
  await turns(2);
  expect((await world.requests.partsOf(id)).length).toBe(0);
  world.bench.now += 2 * hour;
  answer(progress('completed_live', { certificate: 'd.e.f' }));
  await turns(5);
  const [again] = await world.requests.partsOf(id);
  expect(again).toMatchObject({ kind: 'erasure', tenant: 't1', state: 'completed_live' });
  expect(await look(id)).toMatchObject({ state: 'completed_live', certificate: 'd.e.f' });
  expect(world.asked.map((one) => one.id)).toEqual([id, again?._id]);
  // Then the record of the holds has no person any more.
  const persons = () => world.bench.connection.collection('holds').distinct('person');
  await world.holds.forgetEnded(world.requests.isErasing);
  expect(await persons()).toEqual(['forgotten']);
  expect(await world.holds.list()).toMatchObject([
    { reason: 'Claim 4711', approvedBy: 'person:p3' },
    { reason: 'Claim 4711', approvedBy: 'person:p3', releasedBy: 'person:p3' },
  ]);
  expect(world.asked[1]?.commitment).toBe(world.asked[0]?.commitment);
});

test('a hold that ends while the erasure runs has kept something: the erasure runs again', async () => {
  answer(progress('in_progress'), progress('completed_live', { certificate: 'a.b.c' }));
  await world.holds.add({
    tenant: 't1',
    address,
    store: 'logging.messages',
    ground: 'Claim 4711',
    approvedBy: 'person:p3',
    until: new Date(world.bench.now + 150_000),
  });
  const { id } = await add();
  await turns(2);
  world.bench.now += hour;
  // The person is not forgotten before that is known.
  await world.holds.forgetEnded(world.requests.isErasing);
  await turns(1);
  expect((await look(id)).state).toBe('held');
  await turns(4);
  expect((await look(id)).state).toBe('completed_live');
  expect(await world.requests.partsOf(id)).toHaveLength(1);
});

test('a request of a person reaches every tenant once; the person learns the result and not for whom', async () => {
  const challenge = { hash: 'x', until: new Date(world.bench.now + hour) };
  const { id } = await add({ tenant: null, channel: 'public', by: 'person', challenge });
  await turns(3);
  expect(world.asked).toEqual([]);
  await world.requests.move({ _id: id, tenant: null }, ['awaiting_challenge'], 'received', {
    commitment: 'c',
  });
  await turns(4);
  expect(
    world.asked
      .map(({ tenant, commitment }) => [tenant, commitment])
      .toSorted(([a = ''], [b = '']) => a.localeCompare(b)),
  ).toEqual([
    ['t1', 'c'],
    ['t2', 'c'],
  ]);
  expect(world.told).toHaveLength(2);
  await turns(2);
  expect(await look(id)).toMatchObject({ state: 'completed_live', content: null, person: null });
  await world.mails.submitDue(async () => undefined);
  expect(world.sent).toMatchObject([{ to: address, subject: /result/ }]);
  expect(world.sent[0]?.text).not.toMatch(/t1|t2/);
});

test('a tenant that is erased meanwhile takes its part with it, and the request of the person ends', async () => {
  const challenge = { hash: 'x', until: new Date(world.bench.now + hour) };
  const { id } = await add({ tenant: null, channel: 'public', by: 'person', challenge });
  await world.requests.move({ _id: id, tenant: null }, ['awaiting_challenge'], 'received', {
    commitment: 'c',
  });
  answer(progress('in_progress'));
  await turns(3);
  expect(await world.requests.purge('t1')).toBe(1);
  answer(progress('completed_live'));
  await turns(4);
  expect((await look(id)).state).toBe('completed_live');
});

test('the erasure of an own account closes the account first', async () => {
  const { id } = await add({ channel: 'account', by: 'person:p1', content: { account: 'p1' } });
  await turns(3);
  expect(world.closed).toEqual([{ realm: 't1', person: 'p1' }]);
  expect((await look(id)).state).toBe('completed_live');
});

test('a request that waits after a change of its account is begun by no process before the end, and by one after it', async () => {
  const until = new Date(world.bench.now + 2 * hour);
  const waits = { account: 'p1', until };
  const { id } = await add({ channel: 'account', content: { account: 'p1' }, waits });
  const other = requestAdvance(world.deps);
  const both = () => Promise.all([world.job(), other()]);
  for (world.bench.now = until.getTime() - hour; world.bench.now < until.getTime();) {
    await both();
    world.bench.now += 10 * 60_000;
  }
  expect(await look(id)).toMatchObject({ state: 'received', turnAt: until, lease: null });
  // A turn that comes too early does nothing.
  world.bench.now = until.getTime() - 1;
  await world.requests.change({ _id: id, tenant: 't1' }, {}, { turnAt: new Date(0) });
  await both();
  expect((await look(id)).state).toBe('received');
  expect([world.asked, world.closed, world.told]).toEqual([[], [], []]);

  for (let turn = 0; turn < 4; turn += 1) {
    world.bench.now += 61_000;
    await both();
  }
  expect(await look(id)).toMatchObject({ state: 'completed_live', waitingFor: [] });
  expect([world.asked.length, world.closed]).toEqual([1, [{ realm: 't1', person: 'p1' }]]);
});

test('an erasure removes the person from the other requests, and ends those that are open', async () => {
  answer(progress('in_progress'));
  const open = await add({ kind: 'access' });
  await turns(2);
  const { person } = await look(open.id);
  expect(await world.requests.purgePerson({ tenant: 't1', person: person ?? '' }, undefined)).toBe(
    1,
  );
  expect(await look(open.id)).toMatchObject({ state: 'cancelled', person: null, content: null });
  expect(await world.requests.purgePerson({ tenant: 't1', person: person ?? '' }, undefined)).toBe(
    0,
  );
  await turns(2);
});

test('an erasure removes the person from an objection by one click, which stays done', async () => {
  answer(progress('completed'));
  const person = 'blind-index';
  const click = { tenant: 't1', person, commitment: 'c' };
  const id = (await world.requests.addClick(click)) ?? '';
  expect(await world.requests.addClick(click)).toBeUndefined();
  await turns(2);
  expect(world.asked).toMatchObject([{ id, kind: 'objection', tenant: 't1', person }]);
  expect(await look(id)).toMatchObject({ state: 'completed', person, turnAt: null });
  expect(await world.requests.purgePerson({ tenant: 't1', person }, undefined)).toBe(1);
  expect(await look(id)).toMatchObject({ state: 'completed', person: null });
});
