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
  type QueueMarker,
  type ServiceName,
  type Standing,
  type WorkQueue,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import type { Signed } from '@mysmtp/signed';
import type { Connection } from 'mongoose';
import { answerPrivacy } from './answer.ts';
import type { Receipts } from './receipts.ts';
import { countInStore } from './find-records.ts';
import { checkPurges, plantFor, purgesFor, type Planting, type Purges } from './purges.ts';
import type { AskStanding } from './standing.ts';
import { signsOfLife } from './signs-of-life.ts';
import type { Counts, Tally } from './tally.ts';

export interface ParticipantOptions {
  readonly service: ServiceName;
  readonly broker: Broker;
  readonly publisher: Publisher;
  readonly signed: Signed;
  /** Asked before a command is obeyed or a marker is answered. */
  readonly standing: AskStanding;
  readonly receipts: Receipts;
  readonly tally: Tally;
  /** Of the service: purged stores are searched before. */
  readonly database: Connection;
  /** Those of tenants must be there. Asked to purge another kind, the service says that it cannot. */
  readonly purges: Purges;
  readonly plant?: Planting;
  readonly clock: { now(): number };
  readonly log: Logger;
}

/** A service's part in erasures: it takes privacy's commands and answers with receipts. */
export interface Participant {
  /**
   * The handler of a work queue through which markers go: markers are answered here with a receipt,
   * all else is for `handle`. `handle` counts what it drops with `dropped`.
   */
  throughMarkers(queue: WorkQueue, handle: Handle): Handle;
  /** Counts what a consumer has dropped; settle it after. */
  dropped(erasure: string, queue: WorkQueue, count: number): Promise<void>;
  stop(): Promise<void>;
}

/** What a receipt answers. */
type Order = Pick<QueueMarker, 'erasure' | 'subject' | 'commitment'>;
type PurgeOrder = Extract<ErasureCommand, { readonly do: 'purge' }>;

const delays = { first: 200, longest: 10_000 } as const;

/** Within this time another process has counted what it was handed just before a marker. */
const counting = 200;
/** How long a marker waits for what came before it. */
const patience = 3_000;

export function openParticipant(options: ParticipantOptions): Participant {
  const { service, broker, publisher, signed, receipts, tally, purges, clock, log } = options;
  checkPurges(service, purges);
  const stopping = new AbortController();
  const answer = (content: Parameters<typeof answerPrivacy>[1]): Promise<void> =>
    answerPrivacy({ service, signed, publisher, log, stopping: stopping.signal }, content);

  async function giveReceipt(
    { erasure: requestId, subject: { kind }, commitment }: Order,
    store: string,
    { matched, removed }: Counts,
  ): Promise<void> {
    const jws = await receipts.sign({
      requestId,
      subject: { kind, commitment },
      store,
      matched: matched ?? removed,
      matchedBy: matched === undefined ? 'removal' : 'search',
      deleted: removed,
    });
    await answer({ v: 1, kind: 'receipt', erasure: requestId, jws });
    log.info('erasure.receipt_given', { erasure: requestId, store, count: removed });
  }

  /** No receipt: that would say that nothing was there. */
  async function sayUnsupported({ erasure, subject: { kind } }: Fence): Promise<void> {
    log.error('erasure.unsupported', { erasure, status: kind });
    await answer({ v: 1, kind: 'unsupported', erasure, service, subjectKind: kind });
  }

  /** Searches a store and takes down how much of the subject is there. */
  async function search({ erasure, subject }: Fence, store: string): Promise<Counts> {
    return tally.found(erasure, store, await countInStore(options.database, store, subject));
  }

  /**
   * The purge has ended. If it did not remove as many as had been found, some went another way or were
   * not counted (a process was killed): a second search says whether all are gone.
   */
  async function countsAfter(fence: Fence, store: string): Promise<Counts> {
    const counts = await tally.of(fence.erasure, store);
    if (counts.matched === counts.removed) return counts;
    log.warn('erasure.counts_differ', { erasure: fence.erasure, store, count: counts.removed });
    const again = await search(fence, store);
    if (again.matched === again.removed) return again;
    throw new CodedError('purge_incomplete', `The purge of ${store} has left records`);
  }

  async function purge(order: PurgeOrder): Promise<void> {
    const { erasure, progressEvery } = order;
    const stores = purgesFor(order, purges);
    if (stores === undefined) return sayUnsupported(order);
    const progress = signsOfLife(clock, progressEvery, () =>
      answer({ v: 1, kind: 'working', erasure, service }),
    );
    for (const { store, remove } of stores) {
      await search(order, store);
      let counting = Promise.resolve();
      try {
        await remove(async (removed) => {
          // While this is written down, the next is removed.
          await counting;
          counting = tally.add(erasure, store, removed);
          // Whoever awaits it hears of a failure.
          counting.catch(() => undefined);
          if (removed > 0) await progress();
        });
      } finally {
        // Also if it breaks off: who searches next, here or in another process, must find it counted.
        await counting;
      }
      await giveReceipt(order, store, await countsAfter(order, store));
    }
  }

  async function obey(command: ErasureCommand): Promise<void> {
    if (command.do === 'purge') return purge(command);
    const canaries = await plantFor(command, options.plant ?? {});
    return answer({ v: 1, kind: 'planted', erasure: command.erasure, service, canaries });
  }

  /**
   * Does this if the ledger of privacy wants it now. What comes late, for privacy asks again by itself, is
   * dropped; a request that the ledger does not have was never made.
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

  /**
   * Held here until it succeeds or we stop: giving it back each time would use up its deliveries.
   */
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
    const heard = await signed.hear('marker', content);
    if ('refused' in heard) return 'dead';
    const { said: marker } = heard;
    const { erasure } = marker;
    const store = `queue.${queue.name}`;
    const work = async (): Promise<void> => {
      // Its consumer drops nothing for this kind, so nothing was counted.
      if (purges[marker.subject.kind] === undefined) return sayUnsupported(marker);
      await Promise.race([before, sleep(patience, undefined, { ref: false })]);
      await giveReceipt(marker, store, await tally.of(erasure, store));
    };
    return untilDone(() => ifItStands('marker', marker, 'purge', work), erasure);
  }

  /**
   * Privacy asks again while something takes long. The first command is held until it is done; a second
   * one would do the same work beside it, and hold up those of others.
   */
  const underWay = new Set<string>();
  const consumer = openConsumer(broker, {
    queue: erasureQueues[service],
    prefetch: 4,
    async handle({ content }) {
      const heard = await signed.hear('command', content);
      if ('refused' in heard) return 'dead';
      const command = heard.said;
      const { do: what, erasure } = command;
      const name = `${what} ${erasure}`;
      if (underWay.has(name)) return 'ack';
      underWay.add(name);
      const work = () => ifItStands('command', command, what, () => obey(command));
      return untilDone(work, erasure).finally(() => underWay.delete(name));
    },
  });

  return {
    throughMarkers(queue, handle) {
      const underWay = new Set<Promise<Outcome>>();
      return (delivery, lost) => {
        if (delivery.routingKey !== routingKeys.marker(queue.name)) {
          const work = handle(delivery, lost).finally(() => underWay.delete(work));
          underWay.add(work);
          return work;
        }
        // What came before it is settled first. What of it is the tenant's is dropped at once, since
        // every process has the fence; others' mail may be on the wire for long and is not waited for.
        const before = Promise.allSettled([...underWay, sleep(counting)]);
        return answerMarker(queue, delivery.content, before);
      };
    },
    dropped: (erasure, queue, count) => tally.add(erasure, `queue.${queue.name}`, count),
    async stop() {
      stopping.abort();
      await consumer.close();
    },
  };
}
