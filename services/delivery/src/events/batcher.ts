import { pauseAfter } from '@mysmtp/broker';
import { pause, retry } from '@mysmtp/retry';

export interface BatcherDeps<Item> {
  /** Most items of a batch. */
  readonly most: number;
  readonly send: (items: Item[]) => Promise<void>;
  /** True for a temporary error: the batch is sent again until it succeeds or the batcher closes. */
  readonly mayRetry: (error: unknown) => boolean;
  readonly onRetry: (error: unknown, count: number) => void;
}

/**
 * Sends items in batches (group commit). An item is sent at once if no batch is being sent and the pause
 * after the last one (`pauseAfter`) is over. Items that are added meanwhile form the next batch. So at low
 * load items do not wait, and at high load batches become larger.
 */
export interface Batcher<Item> {
  /** Resolves once the item's batch was sent. */
  add(item: Item): Promise<void>;
  /** Sends the gathered items once. Items that cannot be sent then are rejected. */
  close(): Promise<void>;
}

interface Batch<Item> {
  readonly items: Item[];
  readonly sent: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const delays = { first: 100, longest: 5_000 } as const;

export function createBatcher<Item>(deps: BatcherDeps<Item>): Batcher<Item> {
  const { most, send, mayRetry, onRetry } = deps;
  const gathered: Batch<Item>[] = [];
  const closing = new AbortController();
  let sending: Promise<void> | undefined;
  /** The earliest time of the next batch, by the clock of `performance`. */
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
    // Items that are added in the same turn of the event loop join the batch.
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
