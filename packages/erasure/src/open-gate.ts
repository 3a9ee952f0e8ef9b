import { randomUUID } from 'node:crypto';
import type { Control, Delivery, Publisher } from '@mysmtp/broker';
import {
  broadcasts,
  contentOf,
  ProcessAlive,
  readContent,
  routingKeys,
  type ErasureAnswer,
  type Fence,
  type InHand,
  type ServiceName,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import type { Signed } from '@mysmtp/signed';
import { Gauge, type Registry } from 'prom-client';
import { answerPrivacy } from './answer.ts';
import { createGate, type Gate } from './gate.ts';
import { createLease } from './lease.ts';
import type { AskStanding } from './standing.ts';

export interface OpenGate extends Gate {
  /** Hears fences no more. Close it after everything that writes. */
  stop(): Promise<void>;
}

export interface GateOptions {
  readonly service: ServiceName;
  readonly control: Control;
  readonly publisher: Publisher;
  /** The fences that stand; rejects where nobody can say now. */
  readonly fences: () => Promise<readonly Fence[]>;
  /** Whether a fence that was broadcast stands; rejects where nobody can say now. */
  readonly standing: AskStanding;
  readonly signed: Signed;
  /** False while this service would keep something for longer than its key lives: it writes nothing then. */
  readonly mayKeep?: () => boolean;
  /** How long this process may act on what it has heard. Milliseconds. */
  readonly lease: number;
  /** What the heartbeats say of the mail in hand, while this process knows all fences. */
  readonly inHand?: () => InHand | undefined;
  readonly log: Logger;
  readonly metrics: Registry;
}

/** So many beats are sent in a lease: the loss of one or two stops nothing. */
const beatsInLease = 5;
/** Until a beat has come back: the way out may be open a moment later than the way in. */
const beatSoon = 200;
const delays = { first: 100, longest: 2_000 } as const;

/**
 * Listens for fences in the control queue of this process, and acknowledges each once it holds here.
 * The queue is bound first and the standing fences are asked for after, so that nothing falls between.
 */
export function openGate(options: GateOptions): OpenGate {
  const { service, control, publisher, signed, log, metrics, mayKeep = () => true } = options;
  const process = randomUUID();
  const lease = createLease(options.lease);
  const beatEvery = options.lease / beatsInLease;
  const gate = createGate(() => lease.isCurrent(performance.now()) && mayKeep());
  const stopping = new AbortController();
  /** Aborted by every new queue: what was asked for before it proves nothing for it. */
  let rebinding = new AbortController();
  let beating: NodeJS.Timeout | undefined;

  function fall(fence: Fence): void {
    const { erasure, subject } = fence;
    const logged = { erasure, tenant: subject.tenant };
    if (gate.closedBy(subject) === undefined) log.info('fence.fell', logged);
    gate.close(fence).then(
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
   * A fence that stands in privacy's ledger falls. Not awaited by what else is heard: until it is
   * acknowledged, privacy waits for this process, or until its lease is over.
   */
  async function take(fence: Fence): Promise<void> {
    if (gate.closedBy(fence.subject) === fence.erasure) return fall(fence);
    const stands = await retry(async () => (await options.standing(fence)).may.includes('fence'), {
      ...delays,
      signal: stopping.signal,
      onRetry: (error) =>
        log.warn('fence.not_confirmed', { erasure: fence.erasure, error, peerService: 'privacy' }),
    }).catch(() => undefined);
    // Neither if we stop.
    if (stands === true) fall(fence);
    else if (stands === false) signed.refuse('fence', 'no_request');
  }

  async function catchUp(): Promise<void> {
    rebinding.abort();
    rebinding = new AbortController();
    const signal = AbortSignal.any([stopping.signal, rebinding.signal]);
    const standing = await retry(options.fences, {
      ...delays,
      signal,
      onRetry: (error) => log.warn('fence.past_unknown', { error, peerService: 'privacy' }),
    }).catch(() => undefined);
    // We stop, or there is another queue.
    if (standing === undefined || signal.aborted) return;
    for (const fence of standing) fall(fence);
    lease.caughtUp();
  }

  function beat(): void {
    clearTimeout(beating);
    beating = setTimeout(beat, gate.isCurrent() ? beatEvery : beatSoon).unref();
    const number = lease.send(performance.now());
    const alive: ProcessAlive = { v: 1, service, process, beat: number, lease: options.lease };
    // If heartbeats do not come back, the broker may have handed to others what this process holds.
    const inHand = gate.isCurrent() ? options.inHand?.() : undefined;
    tellAlive(routingKeys.processAlive(service, process), { ...alive, inHand });
    // For privacy of the release before, which must wait for this process too while it is replaced.
    tellAlive(routingKeys.processAliveBefore(service), alive);
  }

  function tellAlive(key: string, alive: ProcessAlive): void {
    publisher
      .publish({ key, content: contentOf(ProcessAlive, alive), persistent: false })
      // One that is not sent does not come back, which is all that it is for.
      .catch((error: unknown) => log.debug('fence.beat_failed', { error }));
  }

  async function handle({ content, routingKey }: Delivery): Promise<void> {
    if (routingKey === routingKeys.fenceRaised) {
      const heard = await signed.hear('fence', content);
      if ('refused' in heard) return;
      const { erasure, subject } = heard.said;
      void take({ erasure, subject });
      return;
    }
    const alive = readContent(ProcessAlive, content);
    if (alive?.process === process) lease.returned(alive.beat);
  }

  const endSubscription = control.subscribe({
    bindings: broadcasts.fences(service, process),
    handle,
    onBound() {
      lease.begin();
      beat();
      void catchUp();
    },
  });
  const current: Gauge = new Gauge({
    name: 'mysmtp_gate_current',
    help: '1 while this process knows all fences; 0 while it must not write.',
    registers: [metrics],
    collect: () => current.set(gate.isCurrent() ? 1 : 0),
  });

  return {
    ...gate,
    async stop() {
      clearTimeout(beating);
      stopping.abort();
      await endSubscription();
    },
  };
}
