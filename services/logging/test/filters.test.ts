import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MessageEvent } from '@mysmtp/contracts';
import { findPage, type Page } from '../src/messages/find-page.ts';
import type { Filters, Question } from '../src/messages/question.ts';
import { event, later } from './events.ts';
import { openStore, type Store } from './store.ts';

const hour = 3_600_000;
const limit = 30;
const rows = 3_000;
let store: Store;
let events: MessageEvent[];

const tagsOf = (n: number) => {
  if (n % 500 === 7) return ['news', 'rare-tag'];
  return n % 100 === 6 ? ['first', 'second', 'third', 'news', 'fifth'] : ['news'];
};

/** A busy customer: rows of a day, in which some values are frequent and some are rare. */
function eventAt(n: number): MessageEvent {
  const isRare = n % 500 === 7;
  const start = event({
    at: store.clock.now() - 20 * hour + n * 5,
    tenant: 't',
    senderIndex: isRare ? 'rare-sender' : 'shop',
    recipientIndex: `recipient-${String(n % 9)}`,
    senderDomainIndex: 'our-domain',
    recipientDomainIndex: isRare ? 'rare-domain' : 'large-provider',
    credential: n % 100 === 7 ? 'printer' : 'web',
    ...(n % 3 === 0 && { tagIndexes: tagsOf(n) }),
  });
  if (n % 50 === 7) return { ...later(start, 'bounced'), lastReply: '5xx' };
  if (n % 50 === 8) return later(start, 'bounced');
  if (n % 50 === 9) return { ...later(start, 'deferred', 3), lastReply: '4xx' };
  return { ...later(start, 'delivered'), lastReply: '2xx' };
}

beforeAll(async () => {
  store = await openStore();
  events = Array.from({ length: rows }, (_, n) => eventAt(n));
  await store.intake().add(events);
});
afterAll(() => store.close());

const question = (given: Partial<Question>): Question => {
  const now = store.clock.now();
  return { tenant: 't', after: now - 48 * hour, before: now + 1, limit, ...given };
};

const idOf = ({ id, n }: MessageEvent) => `${id}:${String(n)}`;

const asked: readonly [
  Filters & Pick<Partial<Question>, 'status'>,
  (one: MessageEvent) => boolean,
][] = [
  [{ senderDomainIndex: 'our-domain' }, () => true],
  [{ recipientDomainIndex: 'rare-domain' }, (one) => one.recipientDomainIndex === 'rare-domain'],
  [{ tagIndex: 'news' }, ({ tagIndexes }) => tagIndexes?.includes('news') === true],
  [{ tagIndex: 'rare-tag' }, ({ tagIndexes }) => tagIndexes?.includes('rare-tag') === true],
  [{ credential: 'printer' }, ({ credential }) => credential === 'printer'],
  [{ lastReply: '2xx' }, ({ lastReply }) => lastReply === '2xx'],
  [{ lastReply: '4xx' }, ({ lastReply }) => lastReply === '4xx'],
  [{ lastReply: '5xx', status: 'bounced' }, ({ lastReply }) => lastReply === '5xx'],
  [{ lastReply: 'none' }, ({ lastReply }) => lastReply === undefined],
  [{ lastReply: '2xx', status: 'bounced' }, () => false],
  [{}, () => true],
  [{ status: 'delivered' }, ({ status }) => status === 'delivered'],
  [{ status: 'bounced' }, ({ status }) => status === 'bounced'],
  [{ status: 'held' }, () => false],
  [
    { status: 'bounced', recipientDomainIndex: 'large-provider', tagIndex: 'news' },
    (one) =>
      one.status === 'bounced' &&
      one.recipientDomainIndex === 'large-provider' &&
      one.tagIndexes?.includes('news') === true,
  ],
  [
    { tagIndex: 'fifth', senderIndex: 'shop' },
    ({ tagIndexes }) => tagIndexes?.includes('fifth') === true,
  ],
  [
    { senderDomainIndex: 'our-domain', recipientDomainIndex: 'rare-domain' },
    (one) => one.recipientDomainIndex === 'rare-domain',
  ],
  [
    { recipientIndex: 'recipient-7', credential: 'printer', lastReply: '5xx' },
    (one) => one.recipientIndex === 'recipient-7' && one.credential === 'printer',
  ],
  [{ recipientIndex: 'recipient-1', tagIndex: 'news' }, () => false],
  [{ credential: 'printer', tagIndex: 'nothing' }, () => false],
  [{ senderIndex: 'rare-sender', credential: 'web' }, () => false],
];

test.each(asked)('%j finds exactly its rows, page by page', async (filters, isWanted) => {
  const seen: string[] = [];
  let below: string | undefined;
  for (;;) {
    const page = await findPage(store.days, question({ ...filters, below, limit: 10 * limit }));
    expect(page.rows.length).toBeLessThanOrEqual(10 * limit);
    seen.push(...page.rows.map(({ _id }) => _id));
    if (page.next === null) break;
    below = Buffer.from(page.next, 'base64url').toString();
  }
  expect(seen).toEqual(events.filter(isWanted).map(idOf).sort().toReversed());
});

test.each(asked)(
  '%j reads the rows of its page, and at most as many for each other filter',
  async (filters) => {
    let page: Page | undefined;
    const examined = await store.documentsExamined(async () => {
      page = await findPage(store.days, question(filters));
    });
    const others = Object.keys(filters).length - 1;
    const mostRows = others < 1 ? (page?.rows.length ?? 0) : limit * (1 + others);
    expect(examined).toBeLessThanOrEqual(mostRows);
  },
);

test('the database counts what it examines', async () => {
  const other = { details: { $exists: true }, senderDomainIndex: 'our-domain' };
  const { days, clock } = store;
  const examined = await store.documentsExamined(() =>
    days
      .at(clock.now() - 20 * hour)
      .find(other)
      .limit(1_000)
      .toArray(),
  );
  expect(examined).toBeGreaterThanOrEqual(1_000);
});

test('frequent values that rarely meet give a short page, and the next one continues', async () => {
  const filters = { recipientIndex: 'recipient-1', tagIndex: 'news' };
  const first = await findPage(store.days, question(filters));
  expect(first).toEqual({ rows: [], next: expect.any(String) as string });
});

test('each tag of a row has a field and an index of its own', async () => {
  const [row] = await store.days
    .at(store.clock.now() - 20 * hour)
    .find({ tagIndex5: 'fifth' })
    .limit(1)
    .toArray();
  const [tagIndex1, tagIndex2, tagIndex3, tagIndex4, tagIndex5] = tagsOf(6);
  expect(row).toMatchObject({ tagIndex1, tagIndex2, tagIndex3, tagIndex4, tagIndex5 });
});

test('a delivered row is not found any more by the class of the reply before', async () => {
  const start = event({ at: store.clock.now() - hour, tenant: 'later' });
  const deferred: MessageEvent = { ...later(start, 'deferred', 1), lastReply: '4xx' };
  const find = (filters: Filters) =>
    findPage(store.days, question({ tenant: 'later', ...filters }));
  await store.intake().add([deferred]);
  expect((await find({ lastReply: '4xx' })).rows).toHaveLength(1);
  await store.intake().add([{ ...later(deferred, 'delivered'), lastReply: '2xx' }]);
  expect((await find({ lastReply: '4xx' })).rows).toHaveLength(0);
  expect((await find({ lastReply: '2xx' })).rows).toHaveLength(1);
  const [row] = (await find({})).rows;
  expect(row).not.toHaveProperty('lastReply');
});
