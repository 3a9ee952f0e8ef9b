import {
  Attempt,
  attemptRecord,
  CodedError,
  isFinal,
  TenantUnavailable,
  timeOfMessageId,
  written,
} from '@mysmtp/contracts';
import { PublishError } from '@mysmtp/broker';
import { packMail, scrubReply } from '@mysmtp/mail';
import { seal, sealJson } from '@mysmtp/seal';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import { Node, Yallist } from 'yallist';
import type { DsnWriter } from '../bounces/dsn-writer.ts';
import { next, type Rules } from '../core/next.ts';
import { pastDue } from '../core/schedule.ts';
import {
  newState,
  recipientsOf,
  type PendingDsn,
  type Effect,
  type Erased,
  type FailedBecause,
  type Input,
  type MessageState,
  type AttemptResult,
} from '../core/state.ts';
import {
  InterruptedError,
  type Courier,
  type AttemptOutcome,
  type Postponed,
} from '../courier/attempt.ts';
import { recipientEvent, type EventPublisher } from '../events/event-publisher.ts';
import type { Outcomes } from '../events/outcomes.ts';
import { SpoolGoneError } from '../message/content.ts';
import type { Message } from '../message/message.ts';
import { UnreadableError, type OpenMessage } from '../message/open.ts';
import { providerOf } from '../routing/site.ts';
import { groupSuppressed } from '../suppressions/group.ts';
import type { Suppressions } from '../suppressions/suppressions.ts';
import type { Group, Router } from '../routing/router.ts';
import { documentOf } from '../deferred/document.ts';
import { WriteAbandonedError } from '../deferred/retry-write.ts';
import {
  AlreadyStoredError,
  type Persistence,
  type DeferredQueue,
} from '../deferred/persistence.ts';
import { LeaseLostError, tombstoneLife } from '../deferred/store.ts';
import { fencedIn } from './fenced-persons.ts';
import type { Telemetry } from '../telemetry.ts';

export interface HandlerDeps {
  readonly rules: Rules;
  /** Life of a DSN. Milliseconds. */
  readonly expiry: number;
  readonly open: OpenMessage;
  /** For mail that the broker still keeps: waiting messages stop the intake meanwhile. */
  readonly openPatiently: OpenMessage;
  readonly router: Router;
  readonly courier: Courier;
  readonly suppressions: Pick<Suppressions, 'among'>;
  readonly dsns: DsnWriter;
  readonly eventPublisher: EventPublisher;
  readonly outcomes: Pick<Outcomes, 'count'>;
  readonly queue: DeferredQueue;
  readonly tenants: Pick<Tenants, 'run' | 'refuseFenced' | 'stoppedBy' | 'personFences'>;
  /** Counts a message from which the erasure of a person has taken something before the purge. */
  readonly erased: (erasure: string, isStored: boolean) => Promise<void>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly stopping: AbortSignal;
}

/** A message to handle, and its first input. */
export interface Job {
  readonly state: MessageState;
  /** The sealed body of the broker message. */
  readonly content: Buffer;
  readonly persistence: Persistence;
  readonly input: Input;
  /** After this signal only mail on the wire is completed. */
  readonly givenUp?: AbortSignal;
}

export interface HandlerRun {
  /**
   * Resolves when nothing is left to do now. A failure of the message becomes part of its state. Rejects with
   * a `TenantUnavailable` if the tenant is fenced. Rejects if the state cannot be stored: `LeaseLostError`,
   * `WriteAbandonedError`, `AlreadyStoredError`, or the error of the database.
   */
  readonly done: Promise<'settled' | 'given_back'>;
  /** Stores the message in the deferred queue, where it stays in flight. */
  store(): Promise<void>;
}

export interface Handler {
  readonly work: (job: Job) => HandlerRun;
  /** Removes a person who was fenced just now from all mail in flight. */
  clearPerson(tenant: string): Promise<void>;
}

/** Performs what `next` decides, for mail from the broker and from the deferred queue. */
export function createHandler(deps: HandlerDeps): Handler {
  // Not a `Set`, which would keep what has ended in memory (docs/performance.md).
  const inFlight = new Yallist<Handling>();
  return {
    work: (job) => new Handling(deps, job, inFlight),
    async clearPerson(tenant) {
      const all = [...inFlight].filter((one) => one.tenant === tenant);
      await Promise.all(all.map((one) => one.clearPersons()));
    },
  };
}

/**
 * The handling of one message. A class, because hundreds of messages wait for a connection at once. A closure
 * for each effect would be most of the memory of each of them.
 */
class Handling implements HandlerRun {
  readonly done: Promise<'settled' | 'given_back'>;
  private readonly deps: HandlerDeps;
  private readonly job: Job;
  private readonly inFlight: Yallist<Handling>;
  private readonly node = new Node<Handling>(this);
  private state: MessageState;
  private message: Message | undefined;
  private groups: readonly Group[] = [];
  /** How many groups have no outcome yet. */
  private sitesLeft = 0;
  private end: 'settled' | 'given_back' = 'settled';
  /** Events that are being published or are confirmed, by position and revision. */
  private readonly published = new Map<string, Promise<void>>();

  constructor(deps: HandlerDeps, job: Job, inFlight: Yallist<Handling>) {
    this.deps = deps;
    this.job = job;
    this.state = job.state;
    this.inFlight = inFlight;
    inFlight.pushNode(this.node);
    this.done = this.run();
  }

  get tenant(): string {
    return this.state.tenant;
  }

  /** A message that is not opened yet is checked when it is opened. */
  async clearPersons(): Promise<void> {
    const erased = await this.takeErased();
    // If the state cannot be stored, the message is handled again and checked then.
    if (erased !== undefined) await this.feed({ kind: 'erased', erased }).catch(() => undefined);
  }

  store(): Promise<void> {
    return this.feed({ kind: 'held_long' });
  }

  private async run(): Promise<'settled' | 'given_back'> {
    try {
      await this.feed(this.isStopped() ? { kind: 'stopped' } : this.job.input);
    } catch (error) {
      await this.recover(error);
    } finally {
      this.job.persistence.release();
      this.inFlight.removeNode(this.node);
    }
    return this.end;
  }

  /** A canary is never delivered, and an operator decides about held mail. */
  private isStopped(): boolean {
    const { input, state } = this.job;
    const { tenants, telemetry } = this.deps;
    if (input.kind !== 'begun' || state.kind === 'canary') return false;
    if (tenants.stoppedBy(state.tenant) === undefined) return false;
    telemetry.postponed('tenant_stopped');
    return true;
  }

  private async feed(first: Input): Promise<void> {
    const { clock, rules } = this.deps;
    for (let input: Input | undefined = first; input !== undefined;) {
      const { state, effects } = next(this.state, input, clock.now(), rules);
      this.state = state;
      input = undefined;
      for (const effect of effects) {
        const done = this.perform(effect);
        // Many effects are synchronous. Awaiting only promises saves turns of the event loop.
        if (done !== undefined) input = (await done) ?? undefined;
      }
    }
  }

  /** Returns the next input, if the effect has one. */
  private perform(effect: Effect): Promise<Input | void> | undefined {
    const { persistence } = this.job;
    switch (effect.do) {
      case 'open':
        return this.open(effect.isSearch);
      case 'reseal':
        return this.reseal();
      case 'route':
        return this.route(effect.positions);
      case 'attempt':
        return this.attempt();
      case 'write':
        return persistence.write(this.state);
      case 'publish':
        this.publish(effect.positions);
        return undefined;
      case 'make_dsn':
        return this.dsn(effect.positions);
      case 'enqueue':
        return this.enqueue(effect.dsns);
      case 'wait':
        return this.wait();
      case 'end':
        return this.finish();
      case 'drop':
        return persistence.end(this.deps.clock.now());
      case 'give_back':
        this.end = 'given_back';
        return undefined;
      case 'count_without_dsn':
        this.deps.telemetry.dsnDropped(this.state.id, 'unreadable');
        return undefined;
      default:
        return effect satisfies never;
    }
  }

  private async open(isSearch = false): Promise<Input> {
    const { open, openPatiently, tenants } = this.deps;
    const how = this.state.isStored ? open : openPatiently;
    this.message = await how(this.state, this.job.content);
    const { envelope } = this.message;
    const isConcerned = isSearch || tenants.personFences(this.state.tenant) !== undefined;
    if (!isConcerned) return { kind: 'opened', envelope };
    return { kind: 'opened', envelope, erased: await this.takeErased(isSearch), isSearch };
  }

  /** Removes fenced persons from the open message; `undefined` if there are none in it. */
  private async takeErased(isSearch = false): Promise<Erased | undefined> {
    const { deps } = this;
    const find = () => this.message && fencedIn(this.message, deps.tenants);
    // A purge counts what it has searched for.
    if (!isSearch) {
      const { isStored } = this.state;
      const erasures = find()?.erasures ?? [];
      await Promise.all(erasures.map((erasure) => deps.erased(erasure, isStored)));
    }
    // The message and the state change in one turn of the event loop: `feed` follows.
    const found = find();
    if (found === undefined) return undefined;
    this.message = found.message;
    return found.erased;
  }

  private async reseal(): Promise<void> {
    const { id, tenant, envelope, content, keys } = this.opened();
    const octets = envelope.spool === null ? [await content.head()] : [];
    const context = { tenant, keyId: keys.mailId, record: `mail:${id}` };
    this.job.persistence.replaceContent(seal(keys.mail, context, packMail(envelope, ...octets)));
  }

  private async route(positions: readonly number[]): Promise<Input> {
    const { router, queue, suppressions } = this.deps;
    const { tenant, envelope } = this.opened();
    const { recipients } = envelope;
    const found = suppressions.among(tenant, () =>
      positions.map((n) => recipients[n]?.index ?? ''),
    );
    if (found === undefined) {
      this.groups = await router.group(recipients, positions);
      return { kind: 'routed', sites: this.groups.length, hasRoom: queue.leases.hasRoom() };
    }
    const { groups, others } = groupSuppressed(recipients, positions, await found);
    this.groups = [...(await router.group(recipients, others)), ...groups];
    return { kind: 'routed', sites: this.groups.length, hasRoom: queue.leases.hasRoom() };
  }

  private opened(): Message {
    if (this.message === undefined)
      throw new CodedError('internal_fault', 'The message was not opened');
    return this.message;
  }

  /** All sites in parallel. Each outcome is written at once, so a slow site delays no other. */
  private attempt(): Promise<Input> {
    const [only, ...others] = this.groups;
    this.sitesLeft = this.groups.length;
    const isOne = only !== undefined && others.length === 0;
    return isOne ? this.attemptSite(only) : this.attemptAll();
  }

  private async attemptAll(): Promise<Input> {
    const ends = await Promise.allSettled(this.groups.map((group) => this.attemptSite(group)));
    const failed = ends.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return roundOver;
  }

  private async attemptSite(group: Group): Promise<Input> {
    const { courier } = this.deps;
    const outcomes = await courier.attempt(this.opened(), group, this.job.givenUp);
    this.sitesLeft -= 1;
    const results = outcomes.map((outcome) => this.resultOf(group, outcome));
    await this.feed({ kind: 'attempted', results, isLast: this.sitesLeft === 0 });
    return roundOver;
  }

  private resultOf(group: Group, outcome: AttemptOutcome): AttemptResult {
    const { telemetry } = this.deps;
    const { n, retryAt } = outcome;
    if (outcome.kind === 'postponed') {
      telemetry.postponed(outcome.why);
      return { n, outcome: 'postponed', retryAt };
    }
    const { kind, at, site, text: reply, enhancedCode, stage } = outcome;
    const before = recipientsOf(this.state)[n];
    const siteClass = 'site' in group ? providerOf(group.site) : undefined;
    telemetry.attempted(siteClass ?? 'none', kind);
    if (kind === 'delivered' && before !== undefined) {
      telemetry.delivered((at - this.state.acceptedAt) / 1_000, before.status);
    }
    if (outcome.isUnknown) telemetry.duplicatePossible(this.state.id);
    const attempt = sealAttempt(this.opened(), before?.attempts.length ?? 0, outcome);
    const failure = { at, site, reply, enhancedCode, ...(stage !== undefined && { stage }) };
    const result = { n, outcome: kind, attempt, failure, retryAt } as const;
    return siteClass === undefined ? result : { ...result, siteClass };
  }

  /** Does not wait: `finish` waits for the confirms. */
  private publish(positions: readonly number[]): void {
    const { state, published } = this;
    const { eventPublisher } = this.deps;
    // DSNs are not part of the usage log.
    if (state.kind === 'dsn') return;
    for (const n of positions) {
      const event = recipientEvent(state, n);
      // If no details are left without the erased person, there is no event.
      if (event === undefined || event.details === '') continue;
      const key = `${String(n)}:${String(event.rev)}`;
      if (published.has(key)) continue;
      const publishing = isFinal(event.status)
        ? eventPublisher.finished(event)
        : eventPublisher.changed(event);
      // `finish` handles a failure, if it runs.
      publishing.catch(() => undefined);
      published.set(key, publishing);
    }
  }

  private async dsn(positions: readonly number[]): Promise<Input> {
    const { tenants, dsns } = this.deps;
    const { state, message } = this;
    // Mail of a fenced tenant is cancelled, never bounced.
    const made = await tenants.run(state.tenant, 'read', (scope) =>
      dsns.write(scope, message, state, positions),
    );
    return { kind: 'dsn_made', positions, dsn: made };
  }

  /** A DSN is a separate message. Its id is written already, so it is created once. */
  private async enqueue(dsns: readonly PendingDsn[]): Promise<void> {
    const { clock, expiry, queue, telemetry } = this.deps;
    for (const { id, content } of dsns) {
      const now = clock.now();
      const acceptedAt = timeOfMessageId(id);
      const header = { id, tenant: this.state.tenant, kind: 'dsn' } as const;
      const made = newState(header, { acceptedAt, expiry, now: pastDue(now) });
      const document = documentOf(made, content);
      if (await queue.retryWrite(() => queue.store.put(document))) telemetry.dsnCreated(id);
    }
  }

  private async wait(): Promise<void> {
    const isNew = await this.job.persistence.wait(this.state);
    const { id, tenant, kind, held, unfinishedHandlings } = this.state;
    // Canaries are held by design and do not concern operators.
    // It was held before an erasure has opened it.
    if (this.job.input.kind === 'searched') return;
    if (!isNew || held === undefined || kind === 'canary') return;
    this.deps.telemetry.held(id, tenant, held.reason, unfinishedHandlings);
  }

  /** Waits until all events are confirmed, then leaves only a tombstone. */
  private async finish(): Promise<void> {
    const { eventPublisher, outcomes, clock, telemetry } = this.deps;
    const { state } = this;
    const spool = state.opened?.spool ?? null;
    // Freed while the broker confirms.
    this.message = undefined;
    for (const confirmed of this.published.values()) await confirmed;
    if (spool !== null) await eventPublisher.released(state.tenant, spool.id);
    await this.job.persistence.end(clock.now() + tombstoneLife);
    for (const { status } of recipientsOf(state)) {
      telemetry.finished(status);
      if (state.credential !== undefined) outcomes.count(state.tenant, state.credential, status);
    }
  }

  private async recover(error: unknown): Promise<void> {
    this.deps.tenants.refuseFenced(this.state.tenant);
    if (isUnkept(error)) throw error;
    await this.feed({ kind: 'failed', why: this.reasonOf(error) });
  }

  private reasonOf(error: unknown): FailedBecause {
    if (error instanceof TenantUnavailable) return this.reasonOfTenant(error);
    if (interruptions.some((kind) => error instanceof kind)) return 'interrupted';
    if (error instanceof UnreadableError) return 'unreadable';
    if (error instanceof SpoolGoneError) return 'content_gone';
    this.deps.telemetry.handlingFailed(this.state.id, error);
    return 'unexpected';
  }

  private reasonOfTenant({ reason, passes }: TenantUnavailable): FailedBecause {
    const { stopping, telemetry } = this.deps;
    if (reason === 'stale') return 'interrupted';
    if (reason === 'suspended' || reason === 'restricted') {
      telemetry.postponed('tenant_stopped');
      return 'stopped';
    }
    // Key unavailable, or the tenant is fenced and the broadcast has not arrived yet. The message is kept
    // until it arrives, so that the drop is counted in the receipt.
    if (passes || reason === 'fenced') {
      if (stopping.aborted) return 'interrupted';
      telemetry.postponed('key_unavailable');
      return 'key_withheld';
    }
    const tenantState = reason === 'erased' ? reason : 'active';
    telemetry.keyDestroyed(this.state.id, this.state.tenant, tenantState);
    return 'key_destroyed';
  }
}

/**
 * The details of an attempt, under the events key of the day of acceptance. The reply is scrubbed first, because
 * remote servers often repeat addresses in it. `count`: how many attempts there were before.
 */
function sealAttempt(
  { envelope, keys, tenant, id }: Message,
  count: number,
  { n, at, site, transport, text, enhancedCode }: Exclude<AttemptOutcome, Postponed>,
): Buffer {
  const recipient = envelope.recipients[n]?.address ?? '';
  const attempt = written(Attempt, {
    at: new Date(at).toISOString(),
    site,
    ...transport,
    reply: scrubReply(text, [recipient, envelope.reversePath]),
    enhancedCode,
  });
  const record = attemptRecord(id, n, count);
  return sealJson(keys.events, { tenant, keyId: keys.eventsId, record }, attempt);
}

const roundOver: Input = { kind: 'round_over' };

const interruptions = [InterruptedError, PublishError];

/** The state cannot be stored. */
const isUnkept = (error: unknown): boolean =>
  [LeaseLostError, WriteAbandonedError, AlreadyStoredError].some((kind) => error instanceof kind);
