import { CodedError, day, isFinal, timeOfMessageId } from '@mysmtp/contracts';
import { PublishError } from '@mysmtp/broker';
import { FencedError, NotCurrentError, type Gate } from '@mysmtp/erasure';
import { KeyDestroyedError } from '@mysmtp/keys';
import type { Clock } from '@mysmtp/service';
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
import { isKeyWithheld, UnreadableError, type OpenMessage } from '../message/open.ts';
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
  readonly gate: Pick<Gate, 'closedFor'>;
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
   * rejects with a `FencedError`, or if the state cannot be kept: `ClaimLost`, `NotWritten`,
   * `KnownAlready`, or what the database said.
   */
  readonly done: Promise<'settled' | 'given_back'>;
  /** Moves the message to the deferred queue, where it stays in hand. */
  store(): Promise<void>;
}

/** Longer than the broker may take to hand a message out again. */
const tombstoneLife = 2 * day;

/** Does for a message what `next` decides, wherever it comes from. */
export function createWork(settings: WorkSettings): (job: Job) => Work {
  const { rules, router, courier, outbox, queue, gate, clock, telemetry } = settings;

  return (job) => {
    const { keeping } = job;
    let { state } = job;
    let message: Message | undefined;
    let groups: readonly Group[] = [];
    let end: 'settled' | 'given_back' = 'settled';
    /** Events under way or confirmed, by place and revision. */
    const published = new Map<string, Promise<void>>();

    async function feed(first: Input): Promise<void> {
      for (let input: Input | undefined = first; input !== undefined;) {
        const step = next(state, input, clock.now(), rules);
        ({ state } = step);
        input = undefined;
        for (const effect of step.effects) {
          const done = perform(effect);
          // Many effects are done at once, and there are many messages.
          if (done !== undefined) input = (await done) ?? undefined;
        }
      }
    }

    /** What comes of it is the next input, if it is not done with that. */
    function perform(effect: Effect): Promise<Input | void> | undefined {
      switch (effect.do) {
        case 'open':
          return open();
        case 'route':
          return route(effect.places);
        case 'attempt':
          return attempt();
        case 'write':
          return keeping.write(state);
        case 'publish':
          publish(effect.places);
          return undefined;
        case 'report':
          return report(effect.places);
        case 'enqueue':
          return enqueue(effect.reports);
        case 'wait':
          return wait();
        case 'end':
          return finish();
        case 'drop':
          return keeping.end(clock.now());
        case 'give_back':
          end = 'given_back';
          return undefined;
        case 'count_unreported':
          telemetry.reportDropped(state.id, 'unreadable');
          return undefined;
        default:
          return effect satisfies never;
      }
    }

    async function open(): Promise<Input> {
      message = await (state.isStored ? settings.open : settings.openPatiently)(state, job.content);
      return { kind: 'opened', envelope: message.envelope };
    }

    async function route(places: readonly number[]): Promise<Input> {
      groups = await router.group(opened().envelope.recipients, places);
      return { kind: 'routed', sites: groups.length, hasRoom: queue.claims.hasRoom() };
    }

    function opened(): Message {
      if (message === undefined)
        throw new CodedError('internal_fault', 'The message was not opened');
      return message;
    }

    /** All sites side by side: each outcome is written as it comes, and a slow site delays no other. */
    async function attempt(): Promise<Input> {
      let left = groups.length;
      const ends = await Promise.allSettled(
        groups.map(async (group) => {
          const outcomes = await courier.attempt(opened(), group, job.givenUp);
          left -= 1;
          const results = outcomes.map((outcome) => resultOf(group, outcome));
          await feed({ kind: 'attempted', results, isLast: left === 0 });
        }),
      );
      const failed = ends.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return { kind: 'round_over' };
    }

    function resultOf(group: Group, outcome: Outcome): Result {
      const { n, retryAt } = outcome;
      if (outcome.kind === 'postponed') {
        telemetry.postponed(outcome.why);
        return { n, outcome: 'postponed', retryAt };
      }
      const { kind, at, site, tlsVersion, text: reply, enhancedCode, stage } = outcome;
      const before = recipientsOf(state)[n];
      telemetry.attempted('site' in group ? providerOf(group.site) : 'none', kind);
      if (kind === 'delivered' && before !== undefined) {
        telemetry.delivered((at - state.acceptedAt) / 1_000, before.status);
      }
      if (outcome.isUnknown) telemetry.duplicatePossible(state.id);
      const sighting = { at, site, tlsVersion, reply, enhancedCode };
      const evidence = sealAttempt(opened(), n, before?.attempts.length ?? 0, sighting);
      const failure = { at, site, reply, enhancedCode, ...(stage !== undefined && { stage }) };
      return { n, outcome: kind, evidence, failure, retryAt };
    }

    /** Without waiting: `finish` waits for the confirms. */
    function publish(places: readonly number[]): void {
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

    async function report(places: readonly number[]): Promise<Input> {
      // Mail of a fenced tenant is cancelled, never bounced.
      if (gate.closedFor(state.tenant) !== undefined) throw new FencedError();
      const made = await settings.reports.write(message, state, places);
      return { kind: 'reported', places, report: made };
    }

    /** A report is a message of its own. Its id is written down already, so it is made once. */
    async function enqueue(reports: readonly DueReport[]): Promise<void> {
      for (const { id, content } of reports) {
        const now = clock.now();
        const acceptedAt = timeOfMessageId(id);
        const header = { id, tenant: state.tenant, kind: 'dsn' } as const;
        const made = newState(header, { acceptedAt, expiry: settings.expiry, now: justDue(now) });
        const document = documentOf(made, content);
        if (await queue.durably(() => queue.shelf.put(document))) telemetry.reportMade(id);
      }
    }

    async function wait(): Promise<void> {
      const isNew = await keeping.wait(state);
      const { id, tenant, kind, held, handlings } = state;
      // A canary is held as it is meant to be: nothing for an operator.
      if (!isNew || held === undefined || kind === 'canary') return;
      telemetry.held(id, tenant, held.reason, handlings);
    }

    /** Everybody knows, then only a tombstone stays. */
    async function finish(): Promise<void> {
      const spool = state.opened?.spool ?? null;
      await Promise.all([spool && outbox.released(state.tenant, spool.id), ...published.values()]);
      await keeping.end(clock.now() + tombstoneLife);
      for (const { status } of recipientsOf(state)) telemetry.finished(status);
    }

    async function recover(error: unknown): Promise<void> {
      if (gate.closedFor(state.tenant) !== undefined) throw new FencedError();
      if (isUnkept(error)) throw error;
      await feed({ kind: 'failed', why: reasonOf(error) });
    }

    function reasonOf(error: unknown): FailedBecause {
      if (isKeyWithheld(error)) {
        if (settings.stopping.aborted) return 'interrupted';
        telemetry.postponed('key_unavailable');
        return 'key_withheld';
      }
      if (error instanceof KeyDestroyedError) {
        telemetry.keyDestroyed(state.id, state.tenant, error.tenantState);
        return 'key_destroyed';
      }
      if (interruptions.some((kind) => error instanceof kind)) return 'interrupted';
      if (error instanceof UnreadableError) return 'unreadable';
      if (error instanceof SpoolGone) return 'content_gone';
      telemetry.handlingFailed(state.id, error);
      return 'unexpected';
    }

    async function run(): Promise<'settled' | 'given_back'> {
      try {
        await feed(job.input).catch(recover);
        return end;
      } finally {
        keeping.release();
      }
    }

    return { done: run(), store: () => feed({ kind: 'held_long' }) };
  };
}

const interruptions = [Interrupted, NotCurrentError, PublishError];

/** What is known now cannot be kept. */
const isUnkept = (error: unknown): boolean =>
  [ClaimLost, NotWritten, KnownAlready].some((kind) => error instanceof kind);
