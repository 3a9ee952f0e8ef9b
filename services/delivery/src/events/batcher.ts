import { pauseAfter } from '@mysmtp/broker';
import { pause, retry } from '@mysmtp/retry';

export interface BatcherSettings<Item> {
  /** A batch has at most so many items. */
  readonly most: number;
  readonly send: (items: Item[]) => Promise<void>;
  /** What failed for a reason that passes is sent again until it succeeds or the batcher closes. */
  readonly mayRetry: (error: unknown) => boolean;
  readonly onRetry: (error: unknown, count: number) => void;
}

/**
 * Sends items together (group commit): an item leaves at once if nothing is under way and nothing left a
 * moment ago (`pauseAfter`); all that gather meanwhile leave together. Few items wait for nothing, and
 * the more there are the larger the batches become.
 */
export interface Batcher<Item> {
  /** Resolves once the item's batch was sent. */
  add(item: Item): Promise<void>;
  /** Sends what is gathered, once; rejects whatever cannot be sent then. */
  close(): Promise<void>;
}

interface Batch<Item> {
  readonly items: Item[];
  readonly sent: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const delays = { first: 100, longest: 5_000 } as const;

export function createBatcher<Item>(settings: BatcherSettings<Item>): Batcher<Item> {
  const { most, send, mayRetry, onRetry } = settings;
  const gathered: Batch<Item>[] = [];
  const closing = new AbortController();
  let sending: Promise<void> | undefined;
  /** Not earlier than this the next batch leaves; by the clock of `performance`. */
  let nextAt = Number.NEGATIVE_INFINITY;

  function openBatch(): Batch<Item> {
    const last = gathered.at(-1);
    if (last !== undefined && last.items.length < most) return last;
    const { promise: sent, resolve, reject } = Promise.withResolvers<void>();
    const batch = { items: [], sent, resolve, reject };
    gathered.push(batch);
    return batch;
  }

  async function sendAll(): Promise<void> {
    // What is added in the same turn goes along.
    await Promise.resolve();
    while (gathered.length > 0) {
      const wait = nextAt - performance.now();
      if (wait > 0) await pause(wait, closing.signal);
      const batch = gathered.shift();
      if (batch === undefined) break;
      nextAt = performance.now() + pauseAfter(batch.items.length);
      await sendUntilSent(batch.items).then(batch.resolve, batch.reject);
    }
    sending = undefined;
  }

  function sendUntilSent(items: Item[]): Promise<void> {
    return retry(() => send(items), {
      ...delays,
      signal: closing.signal,
      lastAttempt: true,
      shouldRetry: mayRetry,
      onRetry: (error) => onRetry(error, items.length),
    });
  }

  return {
    add(item) {
      const batch = openBatch();
      batch.items.push(item);
      sending ??= sendAll();
      return batch.sent;
    },
    async close() {
      closing.abort();
      await sending;
    },
  };
}
