import { CodedError, day, isFinal, TenantUnavailable, timeOfMessageId } from '@mysmtp/contracts';
import { PublishError } from '@mysmtp/broker';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import type { ReportWriter } from '../bounces/report-writer.ts';
import { next, type Rules } from '../core/next.ts';
import { justDue } from '../core/schedule.ts';
import {
  newState,
  recipientsOf,
  type DueReport,
  type Effect,
  type FailedBecause,
  type Input,
  type MessageState,
  type Result,
} from '../core/state.ts';
import { Interrupted, type Courier, type Outcome } from '../courier/attempt.ts';
import type { Outbox } from '../events/outbox.ts';
import { recipientEvent } from '../events/recipient-event.ts';
import { sealAttempt } from '../evidence/evidence.ts';
import { SpoolGone } from '../message/content.ts';
import type { Message } from '../message/message.ts';
import { UnreadableError, type OpenMessage } from '../message/open.ts';
import { providerOf } from '../routing/provider.ts';
import type { Group, Router } from '../routing/router.ts';
import { documentOf } from '../shelf/document.ts';
import { NotWritten } from '../shelf/durably.ts';
import { KnownAlready, type Keeping, type Queue } from '../shelf/keeping.ts';
import { ClaimLost } from '../shelf/store.ts';
import type { Telemetry } from '../telemetry.ts';

export interface WorkSettings {
  readonly rules: Rules;
  /** Life of a report. Milliseconds. */
  readonly expiry: number;
  readonly open: OpenMessage;
  /** For mail that the broker answers for: what waits there stops the intake meanwhile. */
  readonly openPatiently: OpenMessage;
  readonly router: Router;
  readonly courier: Courier;
  readonly reports: ReportWriter;
  readonly outbox: Outbox;
  readonly queue: Queue;
  readonly tenants: Pick<Tenants, 'run' | 'refuseFenced'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly stopping: AbortSignal;
}

/** A message to work on, and what begins the work. */
export interface Job {
  readonly state: MessageState;
  /** The sealed body of the broker message. */
  readonly content: Buffer;
  readonly keeping: Keeping;
  readonly input: Input;
  /** After it nothing is sent that was not on the wire before. */
  readonly givenUp?: AbortSignal;
}

export interface Work {
  /**
   * Resolves when nothing is left to do now. Whatever goes wrong with the message ends in its state; it
   * rejects with a `TenantUnavailable` if the tenant is fenced, or if the state cannot be kept:
   * `ClaimLost`, `NotWritten`, `KnownAlready`, or what the database said.
   */
  readonly done: Promise<'settled' | 'given_back'>;
  /** Moves the message to the deferred queue, where it stays in hand. */
  store(): Promise<void>;
}

/** Longer than the broker may take to hand a message out again. */
const tombstoneLife = 2 * day;

/** Does for a message what `next` decides, wherever it comes from. */
export const createWork =
  (settings: WorkSettings) =>
  (job: Job): Work =>
    new Handling(settings, job);

/**
 * One message that is worked on. A class, because hundreds wait for a connection at a time, and a
 * closure for each effect would be most of what each of them keeps in memory.
 */
class Handling implements Work {
  readonly done: Promise<'settled' | 'given_back'>;
  private readonly settings: WorkSettings;
  private readonly job: Job;
  private state: MessageState;
  private message: Message | undefined;
  private groups: readonly Group[] = [];
  /** How many of them have given no outcome yet. */
  private sitesLeft = 0;
  private end: 'settled' | 'given_back' = 'settled';
  /** Events under way or confirmed, by place and revision. */
  private readonly published = new Map<string, Promise<void>>();

  constructor(settings: WorkSettings, job: Job) {
    this.settings = settings;
    this.job = job;
    this.state = job.state;
    this.done = this.run();
  }

  store(): Promise<void> {
    return this.feed({ kind: 'held_long' });
  }

  private async run(): Promise<'settled' | 'given_back'> {
    try {
      await this.feed(this.job.input);
    } catch (error) {
      await this.recover(error);
    } finally {
      this.job.keeping.release();
    }
    return this.end;
  }

  private async feed(first: Input): Promise<void> {
    const { clock, rules } = this.settings;
    for (let input: Input | undefined = first; input !== undefined;) {
      const { state, effects } = next(this.state, input, clock.now(), rules);
      this.state = state;
      input = undefined;
      for (const effect of effects) {
        const done = this.perform(effect);
        // Many effects are done at once, and there are many messages.
        if (done !== undefined) input = (await done) ?? undefined;
      }
    }
  }

  /** What comes of it is the next input, if it is not done with that. */
  private perform(effect: Effect): Promise<Input | void> | undefined {
    const { keeping } = this.job;
    switch (effect.do) {
      case 'open':
        return this.open();
      case 'route':
        return this.route(effect.places);
      case 'attempt':
        return this.attempt();
      case 'write':
        return keeping.write(this.state);
      case 'publish':
        this.publish(effect.places);
        return undefined;
      case 'report':
        return this.report(effect.places);
      case 'enqueue':
        return this.enqueue(effect.reports);
      case 'wait':
        return this.wait();
      case 'end':
        return this.finish();
      case 'drop':
        return keeping.end(this.settings.clock.now());
      case 'give_back':
        this.end = 'given_back';
        return undefined;
      case 'count_unreported':
        this.settings.telemetry.reportDropped(this.state.id, 'unreadable');
        return undefined;
      default:
        return effect satisfies never;
    }
  }

  private async open(): Promise<Input> {
    const { open, openPatiently } = this.settings;
    const how = this.state.isStored ? open : openPatiently;
    this.message = await how(this.state, this.job.content);
    return { kind: 'opened', envelope: this.message.envelope };
  }

  private async route(places: readonly number[]): Promise<Input> {
    const { router, queue } = this.settings;
    this.groups = await router.group(this.opened().envelope.recipients, places);
    return { kind: 'routed', sites: this.groups.length, hasRoom: queue.claims.hasRoom() };
  }

  private opened(): Message {
    if (this.message === undefined)
      throw new CodedError('internal_fault', 'The message was not opened');
    return this.message;
  }

  /** All sites side by side: each outcome is written as it comes, and a slow site delays no other. */
  private async attempt(): Promise<Input> {
    const [only, ...others] = this.groups;
    this.sitesLeft = this.groups.length;
    if (only !== undefined && others.length === 0) {
      await this.attemptSite(only);
    } else {
      const ends = await Promise.allSettled(this.groups.map((group) => this.attemptSite(group)));
      const failed = ends.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
    return { kind: 'round_over' };
  }

  private async attemptSite(group: Group): Promise<void> {
    const { courier } = this.settings;
    const outcomes = await courier.attempt(this.opened(), group, this.job.givenUp);
    this.sitesLeft -= 1;
    const results = outcomes.map((outcome) => this.resultOf(group, outcome));
    await this.feed({ kind: 'attempted', results, isLast: this.sitesLeft === 0 });
  }

  private resultOf(group: Group, outcome: Outcome): Result {
    const { telemetry } = this.settings;
    const { n, retryAt } = outcome;
    if (outcome.kind === 'postponed') {
      telemetry.postponed(outcome.why);
      return { n, outcome: 'postponed', retryAt };
    }
    const { kind, at, site, tlsVersion, text: reply, enhancedCode, stage } = outcome;
    const before = recipientsOf(this.state)[n];
    telemetry.attempted('site' in group ? providerOf(group.site) : 'none', kind);
    if (kind === 'delivered' && before !== undefined) {
      telemetry.delivered((at - this.state.acceptedAt) / 1_000, before.status);
    }
    if (outcome.isUnknown) telemetry.duplicatePossible(this.state.id);
    const sighting = { at, site, tlsVersion, reply, enhancedCode };
    const evidence = sealAttempt(this.opened(), n, before?.attempts.length ?? 0, sighting);
    const failure = { at, site, reply, enhancedCode, ...(stage !== undefined && { stage }) };
    return { n, outcome: kind, evidence, failure, retryAt };
  }

  /** Without waiting: `finish` waits for the confirms. */
  private publish(places: readonly number[]): void {
    const { state, published } = this;
    const { outbox } = this.settings;
    // Reports of ours are no rows of the usage log.
    if (state.kind === 'dsn') return;
    for (const n of places) {
      const event = recipientEvent(state, n);
      if (event === undefined) continue;
      const key = `${String(n)}:${String(event.rev)}`;
      if (published.has(key)) continue;
      const publishing = isFinal(event.status) ? outbox.finished(event) : outbox.changed(event);
      // A failure is for `finish`, if it is waited for at all.
      publishing.catch(() => undefined);
      published.set(key, publishing);
    }
  }

  private async report(places: readonly number[]): Promise<Input> {
    const { tenants, reports } = this.settings;
    const { state, message } = this;
    // Mail of a fenced tenant is cancelled, never bounced.
    const made = await tenants.run(state.tenant, 'read', (scope) =>
      reports.write(scope, message, state, places),
    );
    return { kind: 'reported', places, report: made };
  }

  /** A report is a message of its own. Its id is written down already, so it is made once. */
  private async enqueue(reports: readonly DueReport[]): Promise<void> {
    const { clock, expiry, queue, telemetry } = this.settings;
    for (const { id, content } of reports) {
      const now = clock.now();
      const acceptedAt = timeOfMessageId(id);
      const header = { id, tenant: this.state.tenant, kind: 'dsn' } as const;
      const made = newState(header, { acceptedAt, expiry, now: justDue(now) });
      const document = documentOf(made, content);
      if (await queue.durably(() => queue.shelf.put(document))) telemetry.reportMade(id);
    }
  }

  private async wait(): Promise<void> {
    const isNew = await this.job.keeping.wait(this.state);
    const { id, tenant, kind, held, handlings } = this.state;
    // A canary is held as it is meant to be: nothing for an operator.
    if (!isNew || held === undefined || kind === 'canary') return;
    this.settings.telemetry.held(id, tenant, held.reason, handlings);
  }

  /** Everybody knows, then only a tombstone stays. */
  private async finish(): Promise<void> {
    const { outbox, clock, telemetry } = this.settings;
    const { state } = this;
    const spool = state.opened?.spool ?? null;
    // Not kept in memory while the broker confirms.
    this.message = undefined;
    await Promise.all([
      spool && outbox.released(state.tenant, spool.id),
      ...this.published.values(),
    ]);
    await this.job.keeping.end(clock.now() + tombstoneLife);
    for (const { status } of recipientsOf(state)) telemetry.finished(status);
  }

  private async recover(error: unknown): Promise<void> {
    this.settings.tenants.refuseFenced(this.state.tenant);
    if (isUnkept(error)) throw error;
    await this.feed({ kind: 'failed', why: this.reasonOf(error) });
  }

  private reasonOf(error: unknown): FailedBecause {
    if (error instanceof TenantUnavailable) return this.reasonOfTenant(error);
    if (interruptions.some((kind) => error instanceof kind)) return 'interrupted';
    if (error instanceof UnreadableError) return 'unreadable';
    if (error instanceof SpoolGone) return 'content_gone';
    this.settings.telemetry.handlingFailed(this.state.id, error);
    return 'unexpected';
  }

  private reasonOfTenant({ reason, passes }: TenantUnavailable): FailedBecause {
    const { stopping, telemetry } = this.settings;
    if (reason === 'stale') return 'interrupted';
    // Fenced, and the fence is still on its way here: what is dropped before it comes would be counted
    // by nobody.
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

const interruptions = [Interrupted, PublishError];

/** What is known now cannot be kept. */
const isUnkept = (error: unknown): boolean =>
  [ClaimLost, NotWritten, KnownAlready].some((kind) => error instanceof kind);
