import { randomUUID } from 'node:crypto';
import type { Control, Delivery, Publisher } from '@mysmtp/broker';
import {
  broadcasts,
  contentOf,
  Heartbeat,
  readContent,
  routingKeys,
  type ErasureAnswer,
  type Fence,
  type InFlightReport,
  type ServiceName,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import type { Signed } from '@mysmtp/signed';
import { Gauge, type Registry } from 'prom-client';
import { answerPrivacy } from './answer.ts';
import { createTenantGuard, type TenantGuard } from './tenant-guard.ts';
import { createLease } from './lease.ts';
import type { AskStanding } from './standing.ts';

export interface RunningTenantGuard extends TenantGuard {
  /** Stops receiving fences. Close it after everything that writes. */
  stop(): Promise<void>;
}

export interface TenantGuardDeps {
  readonly service: ServiceName;
  readonly control: Control;
  readonly publisher: Publisher;
  /** The current fences. Rejects if privacy does not answer. */
  readonly fences: () => Promise<readonly Fence[]>;
  /** Whether a broadcast fence is in the ledger. Rejects if privacy does not answer. */
  readonly standing: AskStanding;
  readonly signed: Signed;
  /** False while this service would keep data for longer than its key. Writes are suspended then. */
  readonly mayKeep?: () => boolean;
  /** How long this process may act on the fences that it has received. Milliseconds. */
  readonly lease: number;
  /** The report on mail in flight for the heartbeats, while the fences are current. */
  readonly inFlight?: () => InFlightReport | undefined;
  readonly log: Logger;
  readonly metrics: Registry;
}

/** How many heartbeats are sent in a lease, so that the loss of one or two has no effect. */
const heartbeatsPerLease = 5;
/** Period until a heartbeat has come back: publishing may be possible a moment later than consuming. */
const firstPeriod = 200;
const delays = { first: 100, longest: 2_000 } as const;

/**
 * Receives fences in the control queue of this process and acknowledges each once it is applied here. The
 * queue is bound before the current fences are requested, so that none is missed.
 */
export function startTenantGuard(options: TenantGuardDeps): RunningTenantGuard {
  const { service, control, publisher, signed, log, metrics, mayKeep = () => true } = options;
  const process = randomUUID();
  const lease = createLease(options.lease);
  const period = options.lease / heartbeatsPerLease;
  const guard = createTenantGuard(() => lease.isCurrent(performance.now()) && mayKeep());
  const stopping = new AbortController();
  /** Aborted for every new queue: an answer that was requested before it proves nothing. */
  let rebinding = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  function applyFence(fence: Fence): void {
    const { erasure, subject, before } = fence;
    const logged = { erasure, tenant: subject.tenant };
    if (guard.fenceOn(fence) !== erasure) {
      log.info(before === undefined ? 'fence.applied' : 'fence.lifted', logged);
    }
    guard.apply(fence).then(
      (wire) => acknowledge({ v: 1, kind: 'fenced', erasure, service, process, wire }),
      (error: unknown) => log.error('fence.failed', { ...logged, error }),
    );
  }

  function acknowledge(answer: ErasureAnswer): void {
    answerPrivacy({ service, signed, publisher, log, stopping: stopping.signal }, answer).catch(
      (error: unknown) => log.warn('fence.not_acknowledged', { erasure: answer.erasure, error }),
    );
  }

  /**
   * Applies a fence that is in privacy's ledger. Other messages do not wait for it: privacy waits for the
   * acknowledgement of this process, or until its lease is over.
   */
  async function take(fence: Fence): Promise<void> {
    if (guard.fenceOn(fence) === fence.erasure) return applyFence(fence);
    const wanted = fence.before === undefined ? 'fence' : 'lift';
    const standing = await retry(() => options.standing(fence), {
      ...delays,
      signal: stopping.signal,
      onRetry: (error) =>
        log.warn('fence.not_confirmed', { erasure: fence.erasure, error, peerService: 'privacy' }),
    }).catch(() => undefined);
    // Not applied either if the service stops, or if the fence is outdated.
    if (standing?.may.includes(wanted) === true) applyFence(fence);
    else if (standing?.known === false) signed.refuse('fence', 'no_request');
  }

  async function syncFences(): Promise<void> {
    rebinding.abort();
    rebinding = new AbortController();
    const signal = AbortSignal.any([stopping.signal, rebinding.signal]);
    const current = await retry(options.fences, {
      ...delays,
      signal,
      onRetry: (error) => log.warn('fence.sync_failed', { error, peerService: 'privacy' }),
    }).catch(() => undefined);
    // The service stops, or the queue was replaced.
    if (current === undefined || signal.aborted) return;
    for (const fence of current) applyFence(fence);
    lease.markSynced();
  }

  function heartbeat(): void {
    clearTimeout(timer);
    timer = setTimeout(heartbeat, guard.isCurrent() ? period : firstPeriod).unref();
    const number = lease.send(performance.now());
    const alive: Heartbeat = { v: 1, service, process, sequence: number, lease: options.lease };
    // If heartbeats do not come back, the broker may have redelivered this process's messages to others.
    const inFlight = guard.isCurrent() ? options.inFlight?.() : undefined;
    const content = contentOf(Heartbeat, { ...alive, inFlight });
    publisher
      .publish({ key: routingKeys.heartbeat(service, process), content, persistent: false })
      // An unsent heartbeat does not come back, so the lease runs out.
      .catch((error: unknown) => log.debug('heartbeat.publish_failed', { error }));
  }

  async function handle({ content, routingKey }: Delivery): Promise<void> {
    if (routingKey === routingKeys.fenceRaised) {
      const verified = await signed.verify('fence', content);
      if ('refused' in verified) return;
      const { v: _v, ...fence } = verified.payload;
      void take(fence);
      return;
    }
    const alive = readContent(Heartbeat, content);
    if (alive?.process === process) lease.returned(alive.sequence);
  }

  const endSubscription = control.subscribe({
    bindings: broadcasts.fences(service, process),
    handle,
    onBound() {
      lease.begin();
      heartbeat();
      void syncFences();
    },
  });
  const gauge: Gauge = new Gauge({
    name: 'mysmtp_tenant_guard_current',
    help: '1 while the list of fences is current; 0 while writes are suspended.',
    registers: [metrics],
    collect: () => gauge.set(guard.isCurrent() ? 1 : 0),
  });

  return {
    ...guard,
    async stop() {
      clearTimeout(timer);
      stopping.abort();
      await endSubscription();
    },
  };
}
