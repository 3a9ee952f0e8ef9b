import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { outcomeOf, type Delivery, type Handle, type Outcome } from '@mysmtp/broker';
import { timeOfMessageId, type MailHeaders } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import { newState, type Input, type MessageState } from '../core/state.ts';
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
  const { recent, tenants, stopping } = settings;
  const running = new Set<Promise<unknown>>();

  function handle(
    header: Header,
    delivery: Delivery,
    input: Input,
    lost: AbortSignal,
  ): Promise<Outcome> {
    const one = new InHand(settings, header, delivery.content);
    const all = one.handle(input, lost).then(() => void running.delete(all));
    running.add(all);
    return one.outcome;
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
      const known = { ...header, acceptedAt: timeOfMessageId(header.id) };
      const input = { kind: delivery.redelivered ? 'redelivered' : 'begun' } as const;
      return recent.once(header.id, () =>
        tenants.isCurrent()
          ? handle(known, delivery, input, lost)
          : untilCurrent().then(() => handle(known, delivery, input, lost)),
      );
    },
    async settled() {
      await Promise.all(running);
    },
  };
}

/** One message that the broker answers for. A class for the same reason as `Handling`. */
class InHand {
  /** Resolves when the broker need not answer for the message any more. */
  readonly outcome: Promise<Outcome>;
  private readonly resolve: (outcome: Outcome) => void;
  private readonly settings: MailConsumerSettings;
  private readonly state: MessageState;
  private readonly content: Buffer;
  private isStored = false;

  constructor(settings: MailConsumerSettings, header: Header, content: Buffer) {
    const { clock, expiry } = settings;
    const now = clock.now();
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.outcome = promise;
    this.resolve = resolve;
    this.settings = settings;
    this.content = content;
    this.state = newState(header, { acceptedAt: header.acceptedAt ?? now, expiry, now });
  }

  async handle(input: Input, lost: AbortSignal): Promise<void> {
    const { tenants, log } = this.settings;
    try {
      // Counted before the fence is acknowledged; outside only if the fence was there before the message.
      const work = tenants.run(this.state.tenant, 'write', () => this.work(input, lost));
      this.resolve(await work.catch((error: unknown) => this.recover(error)));
    } catch (error) {
      log.error('mail.not_handled', { message: this.state.id, error });
      this.resolve('retry');
    }
  }

  private async work(input: Input, lost: AbortSignal): Promise<Outcome> {
    const { work, queue, inHandTime } = this.settings;
    const { state, content } = this;
    const keeping = keepInMemory(queue, content, () => {
      this.isStored = true;
      this.resolve('ack');
    });
    let moving: NodeJS.Timeout | undefined;
    try {
      const job = work({ state, content, keeping, input, givenUp: lost });
      moving = setTimeout(() => void this.move(job), inHandTime);
      return (await job.done) === 'given_back' ? 'retry' : 'ack';
    } catch (error) {
      return await this.recover(error);
    } finally {
      clearTimeout(moving);
    }
  }

  /** The broker hands out again, to others too, what is in hand for too long: with all that it gave us. */
  private async move(job: Work): Promise<void> {
    await job.store().catch((error: unknown) => {
      if (!(error instanceof KnownAlready))
        this.settings.log.warn('mail.not_moved', { message: this.state.id, error });
    });
  }

  private async recover(error: unknown): Promise<Outcome> {
    const { queue, log, dropped } = this.settings;
    if (error instanceof KnownAlready) return 'ack';
    if (error instanceof NotWritten) return 'retry';
    if (error instanceof ClaimLost) {
      log.warn('shelf.claim_lost', { message: this.state.id, error });
      return 'ack';
    }
    return outcomeOf(error, async (erasure) => {
      // What is in the deferred queue its purge removes, and counts.
      if (!this.isStored) await queue.durably(() => dropped(erasure));
    });
  }
}

type Header = Pick<MailHeaders, 'id' | 'tenant' | 'kind'> & { readonly acceptedAt?: number };

/** What has no id gets one from its octets, so that it is parked once however often it comes. */
const idOf = (content: Buffer): string =>
  `unreadable-${createHash('sha256').update(content).digest('hex').slice(0, 32)}`;
