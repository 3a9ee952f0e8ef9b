import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { outcomeOf, type Delivery, type Handle, type Outcome } from '@mysmtp/broker';
import { timeOfMessageId, type MailHeaders } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import { newState, type Input } from '../core/state.ts';
import type { Job, Work } from '../handling/work.ts';
import { readHeaders } from '../message/headers.ts';
import { NotWritten } from '../shelf/durably.ts';
import { keepInMemory, KnownAlready, type Queue } from '../shelf/keeping.ts';
import { ClaimLost } from '../shelf/store.ts';
import type { Recent } from './recent.ts';

export interface MailConsumerSettings {
  readonly work: (job: Job) => Work;
  readonly queue: Queue;
  readonly recent: Recent;
  readonly tenants: Pick<Tenants, 'run' | 'isCurrent'>;
  /** Counts a message that an erasure drops. */
  readonly dropped: (erasure: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly expiry: number;
  /** How long a message may be in hand before it goes to the deferred queue. Milliseconds. */
  readonly inHandTime: number;
  readonly stopping: AbortSignal;
}

export interface MailConsumer {
  readonly take: Handle;
  /** Waits for what goes on although the broker does not answer for it any more. */
  settled(): Promise<void>;
}

/** How often to look whether this process knows all fences. */
const every = 200;

/**
 * Takes mail from the broker. A message is acknowledged once it is delivered and the others know, or
 * once it is in the deferred queue; until then the broker answers for it. Mail of a fenced tenant is
 * dropped and counted, also what is in hand when the fence falls.
 */
export function createMailConsumer(settings: MailConsumerSettings): MailConsumer {
  const { work, queue, recent, tenants, clock, log, expiry, inHandTime, stopping } = settings;
  const running = new Set<Promise<unknown>>();

  /** Resolves when the broker need not answer for the message any more. */
  function handle(
    header: Header,
    { content }: Delivery,
    input: Input,
    lost: AbortSignal,
  ): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const now = clock.now();
    const state = newState(header, { acceptedAt: header.acceptedAt ?? now, expiry, now });
    let isStored = false;
    const keeping = keepInMemory(queue, content, () => {
      isStored = true;
      resolve('ack');
    });

    async function run(): Promise<Outcome> {
      const job = work({ state, content, keeping, input, givenUp: lost });
      const moving = setTimeout(() => void move(job), inHandTime);
      try {
        return (await job.done) === 'given_back' ? 'retry' : 'ack';
      } finally {
        clearTimeout(moving);
      }
    }

    /** The broker hands out again, to others too, what is in hand for too long: with all that it gave us. */
    async function move(job: Work): Promise<void> {
      await job.store().catch((error: unknown) => {
        if (!(error instanceof KnownAlready))
          log.warn('mail.not_moved', { message: state.id, error });
      });
    }

    async function recover(error: unknown): Promise<Outcome> {
      if (error instanceof KnownAlready) return 'ack';
      if (error instanceof NotWritten) return 'retry';
      if (error instanceof ClaimLost) {
        log.warn('shelf.claim_lost', { message: state.id, error });
        return 'ack';
      }
      return outcomeOf(error, async (erasure) => {
        // What is in the deferred queue its purge removes, and counts.
        if (!isStored) await queue.durably(() => settings.dropped(erasure));
      });
    }

    // Counted before the fence is acknowledged; outside only if the fence was there before the message.
    const all = tenants
      .run(state.tenant, 'write', () => run().catch(recover))
      .catch(recover)
      .then(resolve, (error: unknown) => {
        log.error('mail.not_handled', { message: state.id, error });
        resolve('retry');
      })
      .finally(() => running.delete(all));
    running.add(all);
    return promise;
  }

  /** What waits here fills the window, and that stops the intake meanwhile. */
  async function untilCurrent(): Promise<void> {
    while (!tenants.isCurrent() && !stopping.aborted) {
      await sleep(every, undefined, { signal: stopping }).catch(() => undefined);
    }
  }

  return {
    async take(delivery, lost) {
      const header = readHeaders(delivery.headers);
      if (header === undefined) {
        const nameless = {
          id: idOf(delivery.content),
          tenant: 'unknown',
          kind: 'message',
        } as const;
        return handle(nameless, delivery, { kind: 'failed', why: 'unreadable' }, lost);
      }
      const { id } = header;
      return recent.once(id, async () => {
        if (!tenants.isCurrent()) await untilCurrent();
        const kind = delivery.redelivered ? 'redelivered' : 'begun';
        return handle({ ...header, acceptedAt: timeOfMessageId(id) }, delivery, { kind }, lost);
      });
    },
    async settled() {
      await Promise.all(running);
    },
  };
}

type Header = Pick<MailHeaders, 'id' | 'tenant' | 'kind'> & { readonly acceptedAt?: number };

/** What has no id gets one from its octets, so that it is parked once however often it comes. */
const idOf = (content: Buffer): string =>
  `unreadable-${createHash('sha256').update(content).digest('hex').slice(0, 32)}`;
