import { afterEach, beforeEach, expect, test } from 'vitest';
import { decide } from '../src/requests/decide.ts';
import { liftingTold } from '../src/requests/lifting.ts';
import { noticeToPerson, restriction } from '../src/rights/restriction.ts';
import type { Right } from '../src/rights/right.ts';
import { requestAdvance } from '../src/jobs/advance-requests.ts';
import { address, openRequestBench, type RequestBench } from './request-bench.ts';

let world: RequestBench;
/** What delivery and logging were ordered. */
let marks: boolean[];
let job: () => Promise<boolean>;

beforeEach(async () => {
  world = await openRequestBench();
  marks = [];
  // An order that every service has answered.
  const orders = {
    async give({ exists }: { readonly exists: boolean }) {
      marks.push(exists);
      return { completedAt: new Date(world.bench.now), answers: [] };
    },
  } as unknown as Parameters<typeof restriction>[0]['orders'];
  const right: Right = restriction({ orders });
  job = requestAdvance({ ...world.deps, rights: { ...world.deps.rights, restriction: right } });
});
afterEach(() => world.bench.close());

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    world.bench.now += 61_000;
    await job();
  }
}

const lifting = (language?: string) =>
  world.add({ kind: 'restriction', content: { details: { lift: true }, language } });

const submit = () =>
  world.mails.submitDue((mail) => liftingTold(mail, { ...world.deps, requests: world.requests }));

test('Restriction (18(3)): the person gets a mail, and only then the restriction is lifted', async () => {
  const { id } = await lifting('de');
  world.ingress.result = new Error('Away');
  await turns(5);
  await submit();
  expect(await world.look(id)).toMatchObject({
    state: 'in_progress',
    waitingFor: [noticeToPerson],
  });
  expect(marks).toEqual([]);
  world.ingress.result = 'accepted';
  world.bench.now += 61_000;
  await submit();
  expect(world.sent).toMatchObject([{ to: address, subject: /Einschränkung|Restriction|lifted/ }]);
  expect(world.sent[0]?.text).toContain('Ein Kunde von uns hat Daten über Sie');
  expect(world.sent[0]?.text).toContain('/v1/public/requests?language=de');
  await turns(3);
  expect(marks).toEqual([false]);
  const done = await world.look(id);
  expect(done).toMatchObject({ state: 'completed', content: null });
  expect(done.personToldAt?.getTime()).toBeLessThan(done.settledAt?.getTime() ?? 0);
  expect(done.entries.map(({ kind }) => kind)).toEqual(['received', 'person_told', 'completed']);
  await submit();
  expect(world.sent).toHaveLength(1);
});

test('a person who asks for it needs no mail; a restriction needs none either', async () => {
  const own = { content: { details: { lift: true }, account: 'p1' }, channel: 'account' };
  await world.add({ kind: 'restriction', ...own });
  await world.add({ kind: 'restriction' });
  await turns(3);
  await submit();
  expect(marks.toSorted((a, b) => Number(a) - Number(b))).toEqual([false, true]);
  expect(world.sent).toEqual([]);
});

test('a person who cannot be mailed: a human records that they were told', async () => {
  const { id } = await lifting();
  world.ingress.result = 'refused';
  await turns(2);
  await submit();
  await turns(3);
  await submit();
  expect(world.sent).toHaveLength(1);
  const waits = await world.look(id);
  expect(waits.entries.at(-1)?.kind).toBe('person_not_told');
  expect(marks).toEqual([]);
  const decided = { decision: 'act', reason: 'Told by letter', by: 'person:p2' } as const;
  const deps = { ...world.deps, challenges: {} as never };
  expect(await decide(waits, decided, deps)).toBe(true);
  expect(await decide(await world.look(id), decided, deps)).toBe(false);
  await turns(2);
  expect(marks).toEqual([false]);
  const done = await world.look(id);
  expect(done.state).toBe('completed');
  expect((await world.requests.historyOf(done)).at(-2)).toMatchObject({
    kind: 'acted',
    by: 'person:p2',
    reason: 'Told by letter',
  });
});
