import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { outcomeOf, type Delivery, type Handle, type Outcome } from '@mysmtp/broker';
import { MailBatchHeaders, timeOfMessageId } from '@mysmtp/contracts';
import { unpackBatch, type UnpackedItem } from '@mysmtp/mail';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import { Node, Yallist } from 'yallist';
import { newState, type Input, type MessageState } from '../core/state.ts';
import type { Job, HandlerRun } from '../handling/handler.ts';
import { readHeaders } from '../message/message.ts';
import { documentOf } from '../deferred/document.ts';
import { WriteAbandonedError } from '../deferred/retry-write.ts';
import {
  persistInMemory,
  AlreadyStoredError,
  type DeferredQueue,
} from '../deferred/persistence.ts';
import { LeaseLostError } from '../deferred/store.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';
import type { InFlightMessages } from './in-flight.ts';
import { createMailBatches, type BatchMember } from './mail-batch.ts';

export interface MailConsumerDeps {
  readonly work: (job: Job) => HandlerRun;
  readonly queue: DeferredQueue;
  readonly inFlight: InFlightMessages;
  readonly tenants: Pick<Tenants, 'run' | 'isCurrent' | 'fencedBy' | 'onFence'>;
  /** Counts a message that an erasure drops. */
  readonly dropped: (erasure: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly expiry: number;
  /** How long a message may be in flight before it is stored in the deferred queue. Milliseconds. */
  readonly inFlightTime: number;
  /** How many messages are handled at once. */
  readonly window: number;
  readonly stopping: AbortSignal;
}

export interface MailConsumer {
  readonly take: Handle;
  /** Waits for work that continues after the message was acknowledged or given back. */
  settled(): Promise<void>;
}

/** How often to check whether the fence list is current. Milliseconds. */
const every = 200;

/**
 * Takes mail from the broker. Acknowledges a message once it is delivered and its events are confirmed, or
 * once it is in the deferred queue. Until then the broker keeps it. Mail of a fenced tenant is dropped and
 * counted, including mail that is in flight when the fence is applied.
 */
export function createMailConsumer(deps: MailConsumerDeps): MailConsumer {
  const { inFlight, tenants, stopping } = deps;
  // Not a `Set`, which would keep what has ended in memory (docs/performance.md).
  const running = new Yallist<Promise<unknown>>();
  const limit = createConcurrencyLimit(deps.window);
  const batches = createMailBatches({
    queue: { addTombstones: deps.queue.store.addTombstones, retryWrite: deps.queue.retryWrite },
    clock: deps.clock,
    log: deps.log,
  });
  tenants.onFence(({ tenant }) => limit.letThrough(tenant));
  stopping.addEventListener('abort', () => limit.open(), { once: true });

  function handle(one: InFlightMessage, input: Input, lost: AbortSignal): Promise<Outcome> {
    const all = new Node<Promise<unknown>>(one.handle(input, lost));
    running.pushNode(all);
    void all.value.then(() => running.removeNode(all));
    return one.outcome;
  }

  /** Waiting messages fill the window. A full window stops the intake meanwhile. */
  async function untilCurrent(): Promise<void> {
    while (!tenants.isCurrent() && !stopping.aborted) {
      await sleep(every, undefined, { signal: stopping }).catch(() => undefined);
    }
  }

  /** Waits for its place among the handled messages. */
  async function handleInTurn(
    one: InFlightMessage,
    input: Input,
    lost: AbortSignal,
    turn: Promise<void> | undefined,
  ): Promise<Outcome> {
    try {
      if (turn !== undefined) {
        await turn;
        const isDropped = tenants.fencedBy(one.tenant) !== undefined;
        if (!isDropped && (lost.aborted || stopping.aborted)) return 'retry';
      }
      if (!tenants.isCurrent()) await untilCurrent();
      return await handle(one, input, lost);
    } finally {
      limit.leave();
    }
  }

  function takeOne(item: UnpackedItem, redelivered: boolean, lost: AbortSignal): BatchMember {
    const header = readHeaders(item.headers);
    const one = new InFlightMessage(
      deps,
      header === undefined
        ? { id: idOf(item.content), tenant: 'unknown', kind: 'message' }
        : { ...header, acceptedAt: timeOfMessageId(header.id) },
      item.content,
    );
    const { id, tenant } = one;
    const store = () => one.store();
    if (header === undefined) {
      return {
        id,
        tenant,
        outcome: handle(one, { kind: 'failed', why: 'unreadable' }, lost),
        store,
      };
    }
    const input = { kind: redelivered ? 'redelivered' : 'begun' } as const;
    const outcome = inFlight.deduplicate(id, () =>
      handleInTurn(one, input, lost, limit.enter(tenant, lost)),
    );
    return { id, tenant, outcome, store };
  }

  return {
    take({ content, headers, redelivered }, lost) {
      const items = itemsOf(headers, content);
      const members = items.map((item) => takeOne(item, redelivered, lost));
      const [only] = members;
      return only !== undefined && members.length === 1
        ? only.outcome
        : batches.settle(members, lost);
    },
    async settled() {
      await Promise.all(running);
    },
  };
}

/** The messages of a broker message. A batch that cannot be read is one message that cannot be read. */
function itemsOf(headers: Delivery['headers'], content: Buffer): readonly UnpackedItem[] {
  const alone = [{ headers, content }];
  if (!MailBatchHeaders.safeParse(headers).success) return alone;
  try {
    const items = unpackBatch(content);
    return items.length === 0 ? alone : items;
  } catch {
    return alone;
  }
}

/** One message that the broker still keeps. A class for the same reason as `Handling`. */
class InFlightMessage {
  /** Resolves when the broker need not keep the message any more. */
  readonly outcome: Promise<Outcome>;
  private readonly resolve: (outcome: Outcome) => void;
  private readonly deps: MailConsumerDeps;
  private readonly state: MessageState;
  private readonly content: Buffer;
  private isStored = false;

  get id(): string {
    return this.state.id;
  }

  get tenant(): string {
    return this.state.tenant;
  }

  constructor(deps: MailConsumerDeps, header: Header, content: Buffer) {
    const { clock, expiry } = deps;
    const now = clock.now();
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.outcome = promise;
    this.resolve = resolve;
    this.deps = deps;
    this.content = content;
    this.state = newState(header, { acceptedAt: header.acceptedAt ?? now, expiry, now });
  }

  async handle(input: Input, lost: AbortSignal): Promise<void> {
    const { tenants, log } = this.deps;
    try {
      // Inside `run` the message is counted before the fence is acknowledged. `run` itself throws only if
      // the fence was applied before the message came.
      const work = tenants.run(this.state.tenant, 'handle', () => this.work(input, lost));
      this.resolve(await work.catch((error: unknown) => this.recover(error)));
    } catch (error) {
      log.error('mail.not_handled', { message: this.state.id, error });
      this.resolve('retry');
    }
  }

  private async work(input: Input, lost: AbortSignal): Promise<Outcome> {
    const { work, queue, inFlightTime } = this.deps;
    const { state, content } = this;
    const persistence = persistInMemory(queue, content, () => {
      this.isStored = true;
      this.resolve('ack');
    });
    let moving: NodeJS.Timeout | undefined;
    try {
      const job = work({ state, content, persistence, input, givenUp: lost });
      moving = setTimeout(() => void this.move(job), inFlightTime);
      return (await job.done) === 'given_back' ? 'retry' : 'ack';
    } catch (error) {
      return await this.recover(error);
    } finally {
      clearTimeout(moving);
    }
  }

  /** Stores a message that is in flight for too long. Else the broker redelivers all messages in flight. */
  private async move(job: HandlerRun): Promise<void> {
    await job.store().catch((error: unknown) => {
      if (!(error instanceof AlreadyStoredError))
        this.deps.log.warn('mail.not_deferred', { message: this.state.id, error });
    });
  }

  /** Puts the message into the deferred queue as it came, unless it is there already. */
  async store(): Promise<Outcome> {
    const { queue, log } = this.deps;
    try {
      await queue.retryWrite(() => queue.store.put(documentOf(this.state, this.content)));
      return 'ack';
    } catch (error) {
      log.warn('mail.not_deferred', { message: this.state.id, error });
      return this.recover(error);
    }
  }

  private async recover(error: unknown): Promise<Outcome> {
    const { queue, log, dropped } = this.deps;
    if (error instanceof AlreadyStoredError) return 'ack';
    if (error instanceof WriteAbandonedError) return 'retry';
    if (error instanceof LeaseLostError) {
      log.warn('deferred.lease_lost', { message: this.state.id, error });
      return 'ack';
    }
    return outcomeOf(error, async (erasure) => {
      // The purge removes and counts what is in the deferred queue.
      if (!this.isStored) await queue.retryWrite(() => dropped(erasure));
    });
  }
}

type Header = Pick<MessageState, 'id' | 'tenant' | 'kind' | 'credential'> & {
  readonly acceptedAt?: number;
};

/** A message without an id gets one from its octets, so that a redelivery is not held a second time. */
const idOf = (content: Buffer): string =>
  `unreadable-${createHash('sha256').update(content).digest('hex').slice(0, 32)}`;
