import { setTimeout as sleep } from 'node:timers/promises';
import {
  openConsumer,
  type Broker,
  type Handle,
  type Outcome,
  type Publisher,
} from '@mysmtp/broker';
import {
  CodedError,
  erasureQueues,
  routingKeys,
  type ErasureCommand,
  type Fence,
  type Hold,
  type QueueMarker,
  type ServiceName,
  type Standing,
  type WorkQueue,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import type { Signed } from '@mysmtp/signed';
import type { Connection } from 'mongoose';
import { Node, Yallist } from 'yallist';
import { answerPrivacy, progressNotices } from './answer.ts';
import type { Receipts } from './receipts.ts';
import { countInStore } from './find-records.ts';
import { checkPurges, plantFor, purgesFor, type Planting, type Purges } from './purges.ts';
import type { AskStanding } from './standing.ts';
import type { Counts, DeletionCounts } from './deletion-counts.ts';

export interface ParticipantOptions {
  readonly service: ServiceName;
  readonly broker: Broker;
  readonly publisher: Publisher;
  readonly signed: Signed;
  /** Called before a command is executed or a marker is answered. */
  readonly standing: AskStanding;
  readonly receipts: Receipts;
  readonly deletionCounts: DeletionCounts;
  /** Database of the service. A store is searched before its purge. */
  readonly database: Connection;
  /** Those of tenants are required. For a kind without purges the service answers `unsupported`. */
  readonly purges: Purges;
  readonly plant?: Planting;
  /** Handles the orders that come through the same queue (packages/orders). */
  readonly orders?: (content: Buffer) => Promise<Outcome>;
  readonly clock: { now(): number };
  readonly log: Logger;
}

/** A service's part in erasures: it executes privacy's commands and answers with receipts. */
export interface Participant {
  /**
   * The handler of a work queue with markers. It answers markers with a receipt and passes all other
   * messages to `handle`, which counts what it drops with `dropped`.
   */
  withQueueMarkers(queue: WorkQueue, handle: Handle): Handle;
  /** Counts what a consumer has dropped. Settle the message after it. */
  dropped(erasure: string, queue: WorkQueue, count: number): Promise<void>;
  /** Counts what was removed from a store before its purge. */
  removed(erasure: string, store: string, count: number): Promise<void>;
  stop(): Promise<void>;
}

/** The part of a command that a receipt answers. */
type Order = Pick<QueueMarker, 'erasure' | 'subject' | 'commitment'>;
type PurgeOrder = Extract<ErasureCommand, { readonly do: 'purge' }>;

const delays = { first: 200, longest: 10_000 } as const;

/** Within this time another process has counted the messages that it got just before a marker. */
const counting = 200;
/** How long a marker waits for the messages before it. */
const patience = 3_000;

export function createParticipant(options: ParticipantOptions): Participant {
  const { service, broker, publisher, signed, receipts, deletionCounts, purges, clock, log } =
    options;
  checkPurges(service, purges);
  const stopping = new AbortController();
  const answer = (content: Parameters<typeof answerPrivacy>[1]): Promise<void> =>
    answerPrivacy({ service, signed, publisher, log, stopping: stopping.signal }, content);

  async function giveReceipt(
    { erasure: requestId, subject: { kind }, commitment }: Order,
    store: string,
    { matched, removed }: Counts,
    hold?: Hold,
  ): Promise<void> {
    const jws = await receipts.sign({
      requestId,
      subject: { kind, commitment },
      store,
      matched: matched ?? removed,
      matchedBy: matched === undefined ? 'removal' : 'search',
      deleted: removed,
      hold,
    });
    await answer({ v: 1, kind: 'receipt', erasure: requestId, jws });
    log.info('erasure.receipt_given', { erasure: requestId, store, count: removed });
  }

  /** Gives no receipt, because a receipt would mean that the store was empty. */
  async function answerUnsupported({ erasure, subject: { kind } }: Fence): Promise<void> {
    log.error('erasure.unsupported', { erasure, status: kind });
    await answer({ v: 1, kind: 'unsupported', erasure, service, subjectKind: kind });
  }

  /** Searches a store and records how much of the subject it has. */
  async function search({ erasure, subject }: Fence, store: string): Promise<Counts> {
    return deletionCounts.search(
      erasure,
      store,
      await countInStore(options.database, store, subject),
    );
  }

  /**
   * Checks the counts after a purge. If fewer records were removed than found, others removed them or a
   * crashed process did not count them. A second search shows whether all are deleted.
   */
  async function countsAfter(fence: Fence, store: string): Promise<Counts> {
    const counts = await deletionCounts.of(fence.erasure, store);
    if (counts.matched === counts.removed) return counts;
    log.warn('erasure.counts_differ', { erasure: fence.erasure, store, count: counts.removed });
    const again = await search(fence, store);
    if (again.matched === again.removed) return again;
    throw new CodedError('purge_incomplete', `The purge of ${store} has left records`);
  }

  async function purge(order: PurgeOrder): Promise<void> {
    const { erasure, progressEvery, holds = [], canaries } = order;
    const stores = purgesFor(service, order, purges, canaries);
    if (stores === undefined) return answerUnsupported(order);
    const progress = progressNotices(clock, progressEvery, () =>
      answer({ v: 1, kind: 'working', erasure, service }),
    );
    for (const { store, remove } of stores) {
      const found = await search(order, store);
      const hold = holds.find((one) => one.store === store);
      if (hold !== undefined) {
        await giveReceipt(order, store, found, hold);
        continue;
      }
      let counting = Promise.resolve();
      try {
        await remove(async (removed) => {
          // The next records are removed while these are counted.
          await counting;
          counting = deletionCounts.add(erasure, store, removed);
          // The failure reaches the code that awaits the promise.
          counting.catch(() => undefined);
          if (removed > 0) await progress();
        });
      } finally {
        // Also after a failure: the next search, in any process, must find the count.
        await counting;
      }
      await giveReceipt(order, store, await countsAfter(order, store));
    }
  }

  async function execute(command: ErasureCommand): Promise<void> {
    if (command.do === 'purge') return purge(command);
    const canaries = await plantFor(command, options.plant ?? {});
    return answer({ v: 1, kind: 'planted', erasure: command.erasure, service, canaries });
  }

  /**
   * Does the work if privacy's ledger allows it now. A command that is too late is dropped, because
   * privacy resends it if needed. A request that is not in the ledger was never made.
   */
  async function ifItStands(
    kind: 'command' | 'marker',
    { erasure, subject }: Fence,
    wanted: Standing['may'][number],
    work: () => Promise<void>,
  ): Promise<Outcome> {
    const { known, may } = await options.standing({ erasure, subject });
    if (may.includes(wanted)) {
      await work();
      return 'ack';
    }
    if (known) {
      log.info('erasure.command_outdated', { erasure, status: wanted });
      return 'ack';
    }
    signed.refuse(kind, 'no_request');
    return 'dead';
  }

  /** Retries until it succeeds or the service stops. A requeue would use up the delivery limit. */
  function untilDone(work: () => Promise<Outcome>, erasure: string): Promise<Outcome> {
    return retry(work, {
      ...delays,
      signal: stopping.signal,
      onRetry: (error) => log.error('erasure.command_failed', { erasure, error }),
    }).catch(() => 'retry');
  }

  async function answerMarker(
    queue: WorkQueue,
    content: Buffer,
    before: Promise<unknown>,
  ): Promise<Outcome> {
    const verified = await signed.verify('marker', content);
    if ('refused' in verified) return 'dead';
    const { payload: marker } = verified;
    const { erasure } = marker;
    const store = `queue.${queue.name}`;
    const work = async (): Promise<void> => {
      // The consumer drops nothing for this kind, so nothing was counted.
      if (purges[marker.subject.kind] === undefined) return answerUnsupported(marker);
      await Promise.race([before, sleep(patience, undefined, { ref: false })]);
      await giveReceipt(marker, store, await deletionCounts.of(erasure, store));
    };
    return untilDone(() => ifItStands('marker', marker, 'purge', work), erasure);
  }

  /**
   * Privacy resends a command that takes long. The first one is held until it is done. A second one would
   * do the same work again and delay other commands.
   */
  const underWay = new Set<string>();
  const consumer = openConsumer(broker, {
    queue: erasureQueues[service],
    prefetch: 4,
    async handle({ content, routingKey }) {
      if (routingKey === routingKeys.order(service))
        return (await options.orders?.(content)) ?? 'dead';
      const verified = await signed.verify('command', content);
      if ('refused' in verified) return 'dead';
      const command = verified.payload;
      const { do: what, erasure } = command;
      const name = `${what} ${erasure}`;
      if (underWay.has(name)) return 'ack';
      underWay.add(name);
      const work = () => ifItStands('command', command, what, () => execute(command));
      return untilDone(work, erasure).finally(() => underWay.delete(name));
    },
  });

  return {
    withQueueMarkers(queue, handle) {
      // Not a `Set`, which would keep what has ended in memory (docs/performance.md).
      const underWay = new Yallist<Promise<Outcome>>();
      return (delivery, lost) => {
        if (delivery.routingKey !== routingKeys.marker(queue.name)) {
          const work = handle(delivery, lost);
          const node = new Node(work);
          underWay.pushNode(node);
          return work.finally(() => underWay.removeNode(node));
        }
        // Messages before the marker are settled first. Those of the tenant are dropped at once, because
        // every process has applied the fence. Mail of other tenants may be on the wire for long and is
        // not waited for.
        const before = Promise.allSettled([...underWay, sleep(counting)]);
        return answerMarker(queue, delivery.content, before);
      };
    },
    dropped: (erasure, queue, count) => deletionCounts.add(erasure, `queue.${queue.name}`, count),
    removed: (erasure, store, count) => deletionCounts.add(erasure, store, count),
    async stop() {
      stopping.abort();
      await consumer.close();
    },
  };
}
