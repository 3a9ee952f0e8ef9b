import type { Outcome } from '@mysmtp/broker';
import type { Logger } from '@mysmtp/log';
import type { DeferredQueue } from '../deferred/persistence.ts';
import { tombstoneLife } from '../deferred/store.ts';
import type { Clock } from '@mysmtp/service';

/** One message of a batch that is being handled. */
export interface BatchMember {
  readonly id: string;
  readonly tenant: string;
  readonly outcome: Promise<Outcome>;
  /** Puts the message into the deferred queue, because the broker cannot take it back alone. */
  store(): Promise<Outcome>;
}

export interface MailBatches {
  /** The outcome of a broker message with several messages. */
  settle(members: readonly BatchMember[], lost: AbortSignal): Promise<Outcome>;
}

/** A member that is done, in a batch that is not. */
interface Done {
  readonly id: string;
  readonly tenant: string;
  readonly since: number;
  readonly batch: { isSettled: boolean };
}

/**
 * How long a message that is done waits for the others of its batch until its tombstone is written. If the
 * process crashes before that, the message is sent twice. Milliseconds.
 */
const patience = 250;

/**
 * The broker keeps a batch until each of its messages has an outcome, and after a crash it redelivers all of
 * them. So a message that is done much earlier than the others gets a tombstone in the deferred queue: a
 * redelivery finds it and ends there. Most batches are done within moments and cost no write.
 */
export function createMailBatches(deps: {
  readonly queue: Pick<DeferredQueue['store'], 'addTombstones'> & Pick<DeferredQueue, 'retryWrite'>;
  readonly clock: Clock;
  readonly log: Logger;
}): MailBatches {
  const { queue, clock, log } = deps;
  /** In the order in which they were done. */
  let waiting: Done[] = [];
  let timer: NodeJS.Timeout | undefined;

  async function writeTombstones(): Promise<void> {
    const now = performance.now();
    const late = waiting.filter(({ since, batch }) => !batch.isSettled && since <= now - patience);
    waiting = waiting.filter(({ since, batch }) => !batch.isSettled && since > now - patience);
    if (late.length > 0) {
      const until = clock.now() + tombstoneLife;
      await queue
        .retryWrite(() => queue.addTombstones(late, until))
        .catch((error: unknown) =>
          log.warn('mail.tombstone_failed', { error, count: late.length }),
        );
    }
    timer = waiting.length === 0 ? undefined : setTimeout(() => void writeTombstones(), patience);
  }

  function done(one: Done): void {
    waiting.push(one);
    timer ??= setTimeout(() => void writeTombstones(), patience);
  }

  return {
    async settle(members, lost) {
      const batch = { isSettled: false };
      let left = members.length;
      const outcomes = await Promise.all(
        members.map(async ({ id, tenant, outcome }) => {
          const one = await outcome;
          left -= 1;
          if (one === 'ack' && left > 0) done({ id, tenant, since: performance.now(), batch });
          return one;
        }),
      );
      batch.isSettled = true;
      const [first = 'ack'] = outcomes;
      // The broker redelivers the batch in any case.
      if (lost.aborted) return 'retry';
      if (outcomes.every((one) => one === first)) return first;
      const rest = members.filter((_, index) => outcomes[index] !== 'ack');
      const stored = await Promise.all(rest.map((member) => member.store()));
      return stored.every((one) => one === 'ack') ? 'ack' : 'retry';
    },
  };
}
