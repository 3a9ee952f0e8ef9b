import { afterEach, beforeEach, expect, test } from 'vitest';
import { purgePersonRows, purgeRows } from '../src/messages/delete-rows.ts';
import { rowOf } from '../src/messages/row.ts';
import { event, later } from './events.ts';
import { openStore, type Store } from './store.ts';

const noon = Date.parse('2026-03-04T12:00:00Z');
const day = 86_400_000;

let store: Store;
beforeEach(async () => {
  store = await openStore();
});
afterEach(() => store.close());

async function fill(tenant: string, times: readonly number[]): Promise<void> {
  const byDay = Map.groupBy(times, (at) => Math.floor(at / day) * day);
  for (const [start, those] of byDay) {
    const collection = await store.days.ready(start);
    await collection.insertMany(
      those.map((at) => rowOf(later(event({ at, tenant }), 'delivered'))),
    );
  }
}

test('rows are deleted in portions, for any distribution in time', async () => {
  const times = [
    // More than a portion in one millisecond, which cannot be divided.
    ...Array<number>(2_500).fill(noon),
    // And in the second after it.
    ...Array.from({ length: 4_500 }, (_, n) => noon + 1 + (n % 1_000)),
    // The first and the last millisecond of a day, and the day before.
    Date.parse('2026-03-04T00:00:00Z'),
    Date.parse('2026-03-04T23:59:59.999Z'),
    noon - day,
  ];
  await fill('going', times);
  await fill('staying', times.slice(2_400, 2_600));
  const before = (await store.rows()).filter(({ tenant }) => tenant === 'staying');

  const portions: number[] = [];
  await purgeRows(store.days, 'going', async (removed) => {
    portions.push(removed);
  });
  const rows = portions.filter((removed) => removed > 0).toSorted((a, b) => b - a);
  expect(rows.reduce((sum, removed) => sum + removed, 0)).toBe(times.length);
  expect(rows[0]).toBe(2_500);
  expect(rows[1]).toBeLessThanOrEqual(2_000);
  expect(rows.length).toBeLessThan(20);
  expect(await store.rows()).toEqual(before);
});

test('a repeated purge deletes nothing again', async () => {
  await fill('going', [noon, noon + 1]);
  const counts: number[] = [];
  const count = async (removed: number): Promise<void> => void counts.push(removed);
  await purgeRows(store.days, 'going', count);
  expect(counts.filter((removed) => removed > 0)).toEqual([2]);
  await purgeRows(store.days, 'going', count);
  expect(counts.filter((removed) => removed > 0)).toEqual([2]);
});

test('rows of a person are deleted on every day, as sender and as recipient, with the rows of the canary', async () => {
  const canary = event({ at: noon, recipientIndex: 'canary' });
  const given = [
    canary,
    event({ at: noon, recipientIndex: 'person' }),
    event({ at: noon, senderIndex: 'person', recipientIndex: 'another' }),
    event({ at: noon - 3 * day, recipientIndex: 'person', senderIndex: 'person' }),
    event({ at: noon, recipientIndex: 'another' }),
    event({ at: noon - 3 * day, recipientIndex: 'another' }),
  ];
  for (const one of given) {
    await (await store.days.ready(one.acceptedAt)).insertOne(rowOf(later(one, 'delivered')));
  }
  let removed = 0;
  const purge = () =>
    purgePersonRows(store.days, { person: 'person', canary: canary.id }, async (count) => {
      removed += count;
    });
  await purge();
  expect(removed).toBe(3);
  const left = await store.rows();
  expect(left.map(({ recipientIndex, senderIndex }) => [recipientIndex, senderIndex])).toEqual([
    ['another', 'sender'],
    ['another', 'sender'],
  ]);
  await purge();
  expect(removed).toBe(3);
});
