import { internalApis, type IdentityChange, type IdentityEntity } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import { createBackoff } from '@mysmtp/retry';

export interface SnapshotTaker {
  /** Requests a snapshot that starts after this call. If one is under way, another follows it. */
  request(): void;
  close(): Promise<void>;
}

const delays = { first: 100, longest: 5_000 } as const;

/** Takes snapshots of identity one at a time and retries each until it succeeds. */
export function createSnapshotTaker(options: {
  readonly entities: readonly IdentityEntity[];
  readonly client: ServiceClient;
  readonly log: Logger;
  /** Called before the first page: events from now on are as new as the snapshot, or newer. */
  readonly onBegin: () => void;
  readonly apply: (change: IdentityChange) => void;
  /** Called for a change that only a newer release can read. */
  readonly onUnreadable: (about: { readonly entity: string; readonly id: string }) => void;
  readonly onComplete: () => void;
  readonly onFailure: () => void;
}): SnapshotTaker {
  const { client, log } = options;
  const entities = [...options.entities];
  const closing = new AbortController();
  let wanted = false;
  let running: Promise<void> | undefined;

  async function take(): Promise<number> {
    let after: string | undefined;
    let count = 0;
    options.onBegin();
    do {
      const request = after === undefined ? { entities } : { entities, after };
      const page = await client.call(internalApis.snapshot, request);
      if (closing.signal.aborted) return count;
      for (const change of page.changes) {
        if ('state' in change) options.apply(change);
        else options.onUnreadable(change);
      }
      count += page.changes.length;
      after = page.next ?? undefined;
    } while (after !== undefined);
    options.onComplete();
    return count;
  }

  async function run(): Promise<void> {
    const backoff = createBackoff(delays);
    while (wanted && !closing.signal.aborted) {
      wanted = false;
      try {
        log.info('projection.snapshot_applied', { count: await take() });
        backoff.reset();
      } catch (error) {
        wanted = true;
        options.onFailure();
        log.warn('projection.snapshot_failed', { error, peerService: 'identity' });
        await backoff.wait(closing.signal);
      }
    }
    running = undefined;
  }

  return {
    request() {
      wanted = true;
      running ??= run();
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}
