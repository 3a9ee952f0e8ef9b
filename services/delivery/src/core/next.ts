import { CodedError, finalRevision, isFinal, type Status } from '@mysmtp/contracts';
import { replyClassOf } from '@mysmtp/mail';
import { muchLater, pastDue, nextAttemptAt, soonAfter, type RetrySettings } from './schedule.ts';
import { finalIn, hasPending, withoutErased } from './erase.ts';
import {
  isPending,
  noRecipients,
  openedBy,
  recipientsOf,
  type Effect,
  type Erased,
  type FailedBecause,
  type HeldReason,
  type Input,
  type MessageState,
  type RecipientState,
  type AttemptResult,
  type Step,
} from './state.ts';

export interface Rules extends RetrySettings {
  /** Unfinished handlings before the message is held. */
  readonly handlingLimit: number;
}

/** Additional handlings of an expired message that never finishes; then it is given up. */
const lastTries = 3;

/** Recipients that are due within this time are attempted together with those that are due now. */
const together = 60_000;

/**
 * The state machine of a message, from the broker or from the deferred queue. All decisions about a message
 * are made here. Pure, except for the random part of delays. The caller performs the effects and passes
 * their result as the next input.
 *
 * Persons may be erased at any time (`erased`).
 *
 *     begun ─ open ─ opened ─ route ─ routed ─ attempt ─ attempted … ─ round_over ─ [make_dsn ─ dsn_made] ─ wait | end
 */
export function next(state: MessageState, input: Input, now: number, rules: Rules): Step {
  switch (input.kind) {
    case 'redelivered':
      return wait({ ...state, unfinishedHandlings: 1 }, pastDue(now));
    case 'begun':
      return begin(state, now, rules);
    case 'opened':
      return opened(
        { ...state, opened: state.opened ?? openedBy(input.envelope, now) },
        input,
        now,
      );
    case 'searched':
      return { state, effects: [{ do: 'open', isSearch: true }] };
    case 'erased':
      return erase(state, input.erased);
    case 'routed':
      return startAttempts(state, input, now);
    case 'attempted':
      return learn(state, input, now, rules);
    case 'round_over':
      // If no attempt was made, this handling does not count against a possibly poisonous message.
      return conclude(uncounted(state));
    case 'held_long':
      return state.isStored ? { state, effects: [] } : store(state);
    case 'dsn_made':
      return settle(afterDsn(state, input));
    case 'failed':
      return fail(state, input.why, now, rules);
    case 'stopped':
      return wait(state, muchLater(now));
    case 'released':
      return release(state, now);
    case 'cancelled':
      return conclude(changePending(state, (one) => advance(one, 'cancelled')));
    default:
      return unknown(input);
  }
}

function unknown(value: never): never {
  throw new CodedError('internal_fault', `No such input or reason: ${JSON.stringify(value)}`);
}

function begin(state: MessageState, now: number, { handlingLimit }: Rules): Step {
  const isExpired = now >= state.expiresAt;
  if (state.unfinishedHandlings >= handlingLimit) {
    if (!isExpired) return hold(state, 'handling_failed', now);
    if (state.unfinishedHandlings >= handlingLimit + lastTries) return giveUp(state);
  }
  if (state.unfinishedHandlings === 0) return { state, effects: [{ do: 'open' }] };
  // Possibly poisonous: counted and written before anything else, because the process may crash.
  const counted = { ...state, unfinishedHandlings: state.unfinishedHandlings + 1 };
  return { state: counted, effects: [{ do: 'write' }, { do: 'open' }] };
}

function opened(
  state: MessageState,
  { erased, isSearch = false }: Extract<Input, { kind: 'opened' }>,
  now: number,
): Step {
  if (erased === undefined) return isSearch ? wait(state, state.nextAt) : plan(state, now);
  const left = erase(state, erased);
  const { state: after, effects } = isSearch ? conclude(left.state) : plan(left.state, now);
  return { state: after, effects: [...left.effects, ...effects] };
}

/**
 * If other recipients are left, the message is stored without the erased ones: neither the broker nor the
 * deferred queue keeps it as it was.
 */
function erase(state: MessageState, erased: Erased): Step {
  const left = withoutErased(state, erased, (one) => advance(one, 'cancelled'));
  const effects: Effect[] = [{ do: 'publish', positions: finalIn(left) }];
  if (!hasPending(left)) return { state: left, effects };
  return {
    state: { ...left, isStored: true },
    effects: [{ do: 'reseal' }, { do: 'write' }, ...effects],
  };
}

function plan(state: MessageState, now: number): Step {
  const isExpired = now >= state.expiresAt;
  if (state.kind === 'canary') {
    return isExpired ? settle(expireSilently(state)) : hold(state, 'canary', now);
  }
  if (isExpired) return conclude(changePending(state, (one) => advance(one, 'expired')));
  const positions = recipientsOf(state)
    .filter((one) => isPending(one) && one.dueAt <= now + together)
    .map(({ n }) => n);
  if (positions.length === 0) return conclude(state);
  const route: Effect = { do: 'route', positions };
  // A possibly poisonous message may be held later and never be opened again. Its recipients are stored now.
  return { state, effects: state.unfinishedHandlings > 0 ? [{ do: 'write' }, route] : [route] };
}

function startAttempts(
  state: MessageState,
  { sites, hasRoom }: Extract<Input, { kind: 'routed' }>,
  now: number,
): Step {
  if (state.isStored || sites < 2) return { state, effects: [{ do: 'attempt' }] };
  if (!hasRoom) return wait(state, pastDue(now));
  // Stored in the deferred queue first, in one write. After a crash one attempt is repeated, not all of them.
  return then(store(state), { do: 'attempt' });
}

function learn(
  state: MessageState,
  { results, isLast }: Extract<Input, { kind: 'attempted' }>,
  now: number,
  rules: Rules,
): Step {
  const byPosition = new Map(results.map((result) => [result.n, result]));
  let { failures, unpublished } = state;
  const final: number[] = [];
  const learned = changePending(state, (one) => {
    const result = byPosition.get(one.n);
    if (result === undefined) return one;
    const after = afterResult(one, result, now, rules, state.expiresAt);
    if (isFinal(after.status)) final.push(one.n);
    else if (after.rev !== one.rev) unpublished = new Set([...unpublished, one.n]);
    if (result.outcome === 'permanent') failures = new Map([...failures, [one.n, result.failure]]);
    return after;
  });
  const wasTried = results.some(({ outcome }) => outcome !== 'postponed');
  const effects: Effect[] = final.length === 0 ? [] : [{ do: 'publish', positions: final }];
  // The last result is written together with its consequences.
  if (!isLast) effects.push({ do: 'write' });
  const unfinishedHandlings = wasTried ? 0 : learned.unfinishedHandlings;
  return { state: { ...learned, failures, unpublished, unfinishedHandlings }, effects };
}

function afterResult(
  one: RecipientState,
  result: AttemptResult,
  now: number,
  rules: Rules,
  expiresAt: number,
): RecipientState {
  const { retryAt } = result;
  if (result.outcome === 'postponed') return { ...one, dueAt: retryAt ?? soonAfter(now) };
  const attempts = [...one.attempts, result.attempt];
  const { failure, siteClass } = result;
  const last = {
    lastReply: replyClassOf(failure.reply),
    ...(siteClass !== undefined && { siteClass }),
  };
  if (result.outcome !== 'transient') {
    const status = result.outcome === 'delivered' ? 'delivered' : 'bounced';
    return { ...advance(one, status), attempts, ...last };
  }
  const tries = one.tries + 1;
  const planned = Math.min(nextAttemptAt(now, tries, rules), expiresAt);
  // The site was known to be down. After the first try it is due when the site is dialled again; later it
  // follows the normal schedule.
  const isSoon = retryAt !== undefined && one.tries === 0;
  const dueAt = isSoon ? Math.min(planned, soonAfter(retryAt)) : planned;
  return { ...advance(one, 'deferred'), attempts, ...last, tries, dueAt };
}

/** Requests a DSN for failures that have none yet. If there are no such failures, ends or waits. */
function conclude(state: MessageState): Step {
  const positions = recipientsOf(state)
    .filter(
      ({ status, dsn }) => (status === 'bounced' || status === 'expired') && dsn === undefined,
    )
    .map(({ n }) => n);
  return positions.length === 0
    ? settle(state)
    : { state, effects: [{ do: 'make_dsn', positions }] };
}

function afterDsn(
  state: MessageState,
  { positions, dsn }: Extract<Input, { kind: 'dsn_made' }>,
): MessageState {
  const about = new Set(positions);
  const dsns = dsn === undefined ? state.dsns : [...state.dsns, dsn];
  const marked = change(state, (one) =>
    about.has(one.n) ? { ...one, dsn: dsn?.id ?? 'none' } : one,
  );
  return { ...marked, dsns };
}

/** Ends the message, or waits if recipients are pending. */
function settle(state: MessageState): Step {
  const recipients = recipientsOf(state);
  const final = recipients.filter(({ status }) => isFinal(status)).map(({ n }) => n);
  // Published again, because an earlier handling may have crashed before the publish.
  const effects: Effect[] = final.length === 0 ? [] : [{ do: 'publish', positions: final }];
  let settled = state;
  if (state.dsns.length > 0) {
    // Written before they are enqueued, so that a replay finds the same DSNs with the same ids.
    settled = { ...state, isStored: true, dsns: [] };
    effects.push({ do: 'write' }, { do: 'enqueue', dsns: state.dsns });
  }
  const pending = recipients.filter(isPending);
  if (pending.length > 0) {
    const waiting = wait(settled, Math.min(...pending.map(({ dueAt }) => dueAt)));
    return { ...waiting, effects: [...effects, ...waiting.effects] };
  }
  // Durable before the wait for the broker's confirms, so that no other process repeats the work.
  if (settled.isStored) effects.push({ do: 'write' });
  return { state: settled, effects: [...effects, { do: 'end' }] };
}

function fail(state: MessageState, why: FailedBecause, now: number, rules: Rules): Step {
  switch (why) {
    case 'key_withheld':
      return wait(uncounted(state), soonAfter(now));
    case 'stopped':
      return wait(uncounted(state), muchLater(now));
    case 'key_destroyed':
      return { state, effects: [{ do: 'drop' }] };
    case 'content_gone':
      // Content is removed only after the last recipient is final. So the process that had this message
      // before completed it.
      if (state.unfinishedHandlings > 0) return { state, effects: [{ do: 'drop' }] };
      return unreadable(state, now);
    case 'unreadable':
      return unreadable(state, now);
    case 'interrupted':
      return state.isStored
        ? wait(uncounted(state), now)
        : { state, effects: [{ do: 'give_back' }] };
    case 'unexpected':
      return markPoisonous(state, now, rules);
    default:
      return unknown(why);
  }
}

function markPoisonous(state: MessageState, now: number, rules: Rules): Step {
  const unfinishedHandlings = Math.max(1, state.unfinishedHandlings);
  return wait({ ...state, unfinishedHandlings }, nextAttemptAt(now, unfinishedHandlings, rules));
}

const unreadable = (state: MessageState, now: number): Step =>
  now < state.expiresAt ? hold(state, 'unreadable', now) : giveUp(state);

/** Undoes the count of a handling that ended for a reason outside the message. */
const uncounted = (state: MessageState): MessageState =>
  state.unfinishedHandlings === 0
    ? state
    : { ...state, unfinishedHandlings: state.unfinishedHandlings - 1 };

/** Holds the message until an operator decides. It expires like other mail. */
function hold(state: MessageState, reason: HeldReason, now: number): Step {
  const holding = publishLater(changePending(state, (one) => advance(one, 'held')));
  return wait({ ...holding, held: { reason, at: now } }, state.nextAt);
}

function release({ held: _held, ...state }: MessageState, now: number): Step {
  const dueAt = pastDue(now);
  const free = changePending(state, (one) => ({ ...advance(one, 'deferred'), dueAt }));
  return wait({ ...publishLater(free), unfinishedHandlings: 0 }, dueAt);
}

const publishLater = (state: MessageState): MessageState => ({
  ...state,
  unpublished: new Set(
    recipientsOf(state)
      .filter(isPending)
      .map(({ n }) => n),
  ),
});

/** Expires a message that cannot be handled; no DSN is sent. */
const giveUp = (state: MessageState): Step => {
  const { state: ended, effects } = settle(expireSilently(state));
  return { state: ended, effects: [{ do: 'count_without_dsn' }, ...effects] };
};

const expireSilently = (state: MessageState): MessageState =>
  changePending(state, (one) => ({ ...advance(one, 'expired'), dsn: 'none' }));

const store = (state: MessageState): Step => ({
  state: { ...state, isStored: true },
  effects: [{ do: 'write' }],
});

/**
 * Intermediate states are published after they are durable. Else a replay could publish a different state
 * under the same revision.
 */
function wait(state: MessageState, nextAt: number): Step {
  const positions = [...state.unpublished];
  const effects: Effect[] = [{ do: 'wait' }];
  if (positions.length > 0) effects.push({ do: 'publish', positions });
  return { state: { ...state, nextAt, unpublished: noRecipients }, effects };
}

const then = ({ state, effects }: Step, effect: Effect): Step => ({
  state,
  effects: [...effects, effect],
});

/** Moves a recipient to a status. A final status does not change. */
function advance(one: RecipientState, status: Status): RecipientState {
  if (isFinal(one.status)) return one;
  return { ...one, status, rev: isFinal(status) ? finalRevision : one.rev + 1 };
}

function change(state: MessageState, how: (one: RecipientState) => RecipientState): MessageState {
  const { opened } = state;
  if (opened === undefined) return state;
  return { ...state, opened: { ...opened, recipients: opened.recipients.map(how) } };
}

const changePending = (
  state: MessageState,
  how: (one: RecipientState) => RecipientState,
): MessageState => change(state, (one) => (isPending(one) ? how(one) : one));
