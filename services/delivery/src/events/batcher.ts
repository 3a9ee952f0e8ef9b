import { setTimeout as sleep } from 'node:timers/promises';

export interface BatcherSettings<Item> {
  /** A batch is sent when it has so many items. */
  readonly most: number;
  /** And at the latest so many milliseconds after its first. */
  readonly wait: number;
  readonly send: (items: Item[]) => Promise<void>;
  /** What failed for a reason that passes is sent again until it succeeds or the batcher closes. */
  readonly mayRetry: (error: unknown) => boolean;
  readonly onRetry: (error: unknown, count: number) => void;
}

/** Gathers items and sends them together. */
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
  readonly timer: NodeJS.Timeout;
}

const firstPause = 100;
const longestPause = 5_000;

export function createBatcher<Item>(settings: BatcherSettings<Item>): Batcher<Item> {
  const { most, wait, send, mayRetry, onRetry } = settings;
  let open: Batch<Item> | undefined;
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();

  function begin(): Batch<Item> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(flush, wait);
    open = { items: [], sent: promise, resolve, reject, timer };
    return open;
  }

  function flush(): void {
    const batch = open;
    if (batch === undefined) return;
    open = undefined;
    clearTimeout(batch.timer);
    const sending = sendUntilSent(batch.items)
      .then(batch.resolve, batch.reject)
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
  }

  async function sendUntilSent(items: Item[]): Promise<void> {
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      try {
        return await send(items);
      } catch (error) {
        if (!mayRetry(error) || closing.signal.aborted) throw error;
        onRetry(error, items.length);
        // An abort ends the pause early: then there is one last try.
        await sleep(pause, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }

  return {
    add(item) {
      const batch = open ?? begin();
      batch.items.push(item);
      if (batch.items.length >= most) flush();
      return batch.sent;
    },
    async close() {
      flush();
      closing.abort();
      await Promise.all(underWay);
    },
  };
}
