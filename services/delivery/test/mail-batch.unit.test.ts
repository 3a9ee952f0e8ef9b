import type { Outcome } from '@mysmtp/broker';
import { createLogger } from '@mysmtp/log';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMailBatches, type BatchMember } from '../src/consumers/mail-batch.ts';

const kept = new AbortController().signal;
let tombstones: string[][];
let stored: string[];
let batches: ReturnType<typeof createMailBatches>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  tombstones = [];
  stored = [];
  batches = createMailBatches({
    queue: {
      addTombstones: async (finished) => void tombstones.push(finished.map(({ id }) => id)),
      retryWrite: (work) => work(),
    },
    clock: { now: () => 0 },
    log: createLogger('delivery', 'error', { write: () => undefined }),
  });
});
afterEach(() => vi.useRealTimers());

function begin(...ids: string[]) {
  const ends = new Map(ids.map((id) => [id, Promise.withResolvers<Outcome>()]));
  const members = [...ends].map(([id, { promise: outcome }]): BatchMember => {
    const store = async (): Promise<Outcome> => {
      stored.push(id);
      return 'ack';
    };
    return { id, tenant: 't', outcome, store };
  });
  return { members, end: (id: string, outcome: Outcome) => ends.get(id)?.resolve(outcome) };
}

test('a batch whose messages are done within moments writes nothing', async () => {
  const { members, end } = begin('a', 'b');
  const outcome = batches.settle(members, kept);
  end('a', 'ack');
  await vi.advanceTimersByTimeAsync(240);
  end('b', 'ack');
  expect(await outcome).toBe('ack');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(tombstones).toEqual([]);
});

test('what is done long before the rest gets a tombstone, together with that of other batches', async () => {
  const one = begin('a', 'slow');
  const two = begin('b', 'c', 'slow too');
  const outcomes = Promise.all([
    batches.settle(one.members, kept),
    batches.settle(two.members, kept),
  ]);
  one.end('a', 'ack');
  two.end('b', 'ack');
  await vi.advanceTimersByTimeAsync(250);
  expect(tombstones).toEqual([['a', 'b']]);
  two.end('c', 'ack');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(tombstones).toEqual([['a', 'b'], ['c']]);
  one.end('slow', 'ack');
  two.end('slow too', 'ack');
  expect(await outcomes).toEqual(['ack', 'ack']);
});

test.each(['retry', 'dead'] as const)(
  'a batch of which all are %s is so as a whole',
  async (all) => {
    const { members, end } = begin('a', 'b');
    for (const id of ['a', 'b']) end(id, all);
    expect(await batches.settle(members, kept)).toBe(all);
    expect(stored).toEqual([]);
  },
);

test('if a part is given back, that part is stored and the batch is acknowledged', async () => {
  const { members, end } = begin('a', 'b', 'c');
  end('a', 'retry');
  end('b', 'ack');
  end('c', 'retry');
  expect(await batches.settle(members, kept)).toBe('ack');
  expect(stored).toEqual(['a', 'c']);
});

test('nothing is stored of a batch that the broker redelivers in any case', async () => {
  const { members, end } = begin('a', 'b');
  end('a', 'retry');
  end('b', 'ack');
  expect(await batches.settle(members, AbortSignal.abort())).toBe('retry');
  expect(stored).toEqual([]);
});
