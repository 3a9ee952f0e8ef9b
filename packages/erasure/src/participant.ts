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
  registry,
  routingKeys,
  type ErasureCommand,
  type Canaries,
  type Fence,
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
import type { AskStanding } from './standing.ts';
import { signsOfLife } from './signs-of-life.ts';
import type { Counts, Tally } from './tally.ts';

/**
 * Removes everything of the tenant from one store and counts it as it goes. Doing it again, or after
 * half of it, ends in the same.
 */
export type Purge = (fence: Fence, count: (removed: number) => Promise<void>) => Promise<void>;

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
  /** How to purge each store that the registry wants a receipt of, at the `purge` stage. */
  readonly purges: Readonly<Record<string, Purge>>;
  /** Plants what this service has to, in the ordinary way. */
  readonly plant?: (fence: Fence) => Promise<Partial<Canaries>>;
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

const delays = { first: 200, longest: 10_000 } as const;

/** Within this time another process has counted what it was handed just before a marker. */
const counting = 200;
/** How long a marker waits for what came before it. */
const patience = 3_000;

export function openParticipant(options: ParticipantOptions): Participant {
  const { service, broker, publisher, signed, receipts, tally, purges, clock, log } = options;
  checkStores(service, purges);
  const stopping = new AbortController();
  const answer = (content: Parameters<typeof answerPrivacy>[1]): Promise<void> =>
    answerPrivacy({ service, signed, publisher, log, stopping: stopping.signal }, content);

  async function giveReceipt(requestId: string, store: string, counts: Counts): Promise<void> {
    const { matched, removed } = counts;
    const jws = await receipts.sign({
      requestId,
      store,
      matched: matched ?? removed,
      matchedBy: matched === undefined ? 'removal' : 'search',
      deleted: removed,
    });
    await answer({ v: 1, kind: 'receipt', erasure: requestId, jws });
    log.info('erasure.receipt_given', { erasure: requestId, store, count: removed });
  }

  /** Searches a store and takes down how much of the tenant is there. */
  async function search({ erasure, tenant }: Fence, store: string): Promise<Counts> {
    return tally.found(erasure, store, await countInStore(options.database, store, tenant));
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

  async function purge(fence: Fence, progressEvery: number): Promise<void> {
    const { erasure } = fence;
    const progress = signsOfLife(clock, progressEvery, () =>
      answer({ v: 1, kind: 'working', erasure, service }),
    );
    for (const [store, remove] of Object.entries(purges)) {
      await search(fence, store);
      let counting = Promise.resolve();
      try {
        await remove(fence, async (removed) => {
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
      await giveReceipt(erasure, store, await countsAfter(fence, store));
    }
  }

  async function obey(command: ErasureCommand): Promise<void> {
    const { erasure, tenant } = command;
    if (command.do === 'purge') return purge({ erasure, tenant }, command.progressEvery);
    const canaries = (await options.plant?.({ erasure, tenant })) ?? {};
    return answer({ v: 1, kind: 'planted', erasure, service, canaries });
  }

  /**
   * Does this if the ledger of privacy wants it now. What comes late, for privacy asks again by itself, is
   * dropped; a request that the ledger does not have was never made.
   */
  async function ifItStands(
    kind: 'command' | 'marker',
    { erasure, tenant }: Fence,
    wanted: Standing['may'][number],
    work: () => Promise<void>,
  ): Promise<Outcome> {
    const { known, may } = await options.standing({ erasure, tenant });
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
      await Promise.race([before, sleep(patience, undefined, { ref: false })]);
      await giveReceipt(erasure, store, await tally.of(erasure, store));
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

/** The registry says which stores there are; a service that cannot purge one of them must not run. */
function checkStores(service: ServiceName, purges: Readonly<Record<string, unknown>>): void {
  const wanted = registry.collections
    .filter((held) => held.service === service && held.subject?.erased === 'purge')
    .map(({ id }) => id);
  const missing = wanted.filter((store) => !Object.hasOwn(purges, store));
  const unknown = Object.keys(purges).filter((store) => !wanted.includes(store));
  const problems = [
    ...missing.map((store) => `No purge for ${store}`),
    ...unknown.map((store) => `Not in the registry: ${store}`),
  ];
  if (problems.length > 0) throw new CodedError('purges_not_registered', problems.join('; '));
}
