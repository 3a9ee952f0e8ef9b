import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPage } from '../src/messages/find-page.ts';
import type { Question } from '../src/messages/question.ts';
import { event, later } from './events.ts';
import { openStore, type Store } from './store.ts';

const hour = 3_600_000;
let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

function question(given: Partial<Question>): Question {
  const now = store.clock.now();
  return { tenant: 't', after: now - 48 * hour, before: now + 1, limit: 50, ...given };
}

test("an index value never returns another tenant's rows, even if the values were equal", async () => {
  const shared = { senderIndex: 'same', recipientIndex: 'same' };
  const at = store.clock.now();
  await store
    .intake()
    .add([
      later(event({ ...shared, at, tenant: 't' }), 'delivered'),
      later(event({ ...shared, at, tenant: 'other' }), 'delivered'),
    ]);
  for (const who of [{ senderIndex: 'same' }, { recipientIndex: 'same' }, shared, {}]) {
    const { rows } = await findPage(store.days, question(who));
    expect(rows.map(({ tenant }) => tenant)).toEqual(['t']);
  }
});

test('a page ends at its limit, also within one millisecond, and the next one continues there', async () => {
  const at = store.clock.now() - 20 * hour;
  const events = Array.from({ length: 25 }, (_, n) =>
    later(event({ tenant: 'many', at, n }), n % 2 === 0 ? 'delivered' : 'bounced'),
  );
  await store.intake().add(events);
  const seen: string[] = [];
  let below: string | undefined;
  for (let pages = 0; pages < 5; pages += 1) {
    const page = await findPage(store.days, question({ tenant: 'many', limit: 5, below }));
    expect(page.rows.length).toBe(5);
    expect(page.next === null).toBe(pages === 4);
    seen.push(...page.rows.map(({ _id }) => _id));
    below = seen.at(-1);
  }
  expect(seen).toEqual(
    events
      .map(({ id, n }) => `${id}:${String(n)}`)
      .sort()
      .toReversed(),
  );
});

test('a page reads no more rows than it returns, for any number of rows of the recipient', async () => {
  const at = store.clock.now() - 20 * hour;
  const busy = { tenant: 'busy', recipientIndex: 'sink' };
  const events = Array.from({ length: 1_000 }, (_, n) =>
    later(event({ ...busy, at, n, senderIndex: n % 100 === 0 ? 'rare' : 'often' }), 'delivered'),
  );
  await store.intake().add(events);
  const rare = events.filter(({ senderIndex }) => senderIndex === 'rare');
  const questions = [
    [{ recipientIndex: 'sink' }, events],
    [{ recipientIndex: 'sink', senderIndex: 'rare' }, rare],
    [{ senderIndex: 'rare' }, rare],
  ] as const;
  for (const [who, wanted] of questions) {
    let below: string | undefined;
    const seen: string[] = [];
    for (let pages = 0; pages < 2; pages += 1) {
      const asked = question({ tenant: 'busy', ...who, limit: 5, below, status: 'delivered' });
      const examined = await store.documentsExamined(async () => {
        const page = await findPage(store.days, asked);
        seen.push(...page.rows.map(({ _id }) => _id));
        // The tenth row of the rare sender is its last.
        expect(page.next === null).toBe(wanted === rare && pages === 1);
      });
      // A server may also read the ten rows of the rare sender, for each other condition.
      expect(examined).toBeLessThanOrEqual(wanted === rare ? 25 : 5);
      below = seen.at(-1);
    }
    const ids = wanted.map(({ id, n }) => `${id}:${String(n)}`);
    expect(seen).toEqual(ids.sort().toReversed().slice(0, 10));
  }
});
