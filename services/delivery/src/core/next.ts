import { CodedError, finalRevision, isFinal, type Status } from '@mysmtp/contracts';
import { justDue, nextAttemptAt, soonAfter, type RetrySettings } from './schedule.ts';
import {
  isPending,
  nobody,
  openedBy,
  recipientsOf,
  type Effect,
  type FailedBecause,
  type HeldReason,
  type Input,
  type MessageState,
  type RecipientState,
  type Result,
  type Step,
} from './state.ts';

export interface Rules extends RetrySettings {
  /** How often handling may begin without an end before the message is held. */
  readonly handlingLimit: number;
}

/** An expired message that cannot even be handled to its end is tried so much longer, then given up. */
const lastTries = 3;

/** Recipients that are due so soon go along with those that are due now. */
const together = 60_000;

/**
 * The life of a message, from the broker or from the deferred queue: the only place where anything is
 * decided about it. Pure but for the random part of delays; who calls it does what the effects say, and
 * gives what comes of them back as the next input.
 *
 *     begun ─ open ─ opened ─ route ─ routed ─ attempt ─ attempted … ─ round_over ─ [report ─ reported] ─ wait | end
 */
export function next(state: MessageState, input: Input, now: number, rules: Rules): Step {
  switch (input.kind) {
    case 'redelivered':
      return wait({ ...state, handlings: 1 }, justDue(now));
    case 'begun':
      return begin(state, now, rules);
    case 'opened':
      return plan({ ...state, opened: state.opened ?? openedBy(input.envelope, now) }, now);
    case 'routed':
      return dispatch(state, input, now);
    case 'attempted':
      return learn(state, input, now, rules);
    case 'round_over':
      // A suspect is suspected as much as before if nobody was asked.
      return conclude(uncounted(state));
    case 'held_long':
      return state.isStored ? { state, effects: [] } : store(state);
    case 'reported':
      return settle(afterReport(state, input));
    case 'failed':
      return fail(state, input.why, now, rules);
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
  if (state.handlings >= handlingLimit) {
    if (!isExpired) return hold(state, 'handling_failed', now);
    if (state.handlings >= handlingLimit + lastTries) return giveUp(state);
  }
  if (state.handlings === 0) return { state, effects: [{ do: 'open' }] };
  // A suspect: counted before anything is done with it.
  const counted = { ...state, handlings: state.handlings + 1 };
  return { state: counted, effects: [{ do: 'write' }, { do: 'open' }] };
}

function plan(state: MessageState, now: number): Step {
  const isExpired = now >= state.expiresAt;
  if (state.kind === 'canary') {
    return isExpired ? settle(expireSilently(state)) : hold(state, 'canary', now);
  }
  if (isExpired) return conclude(changePending(state, (one) => advance(one, 'expired')));
  const places = recipientsOf(state)
    .filter((one) => isPending(one) && one.dueAt <= now + together)
    .map(({ n }) => n);
  if (places.length === 0) return conclude(state);
  const route: Effect = { do: 'route', places };
  // If a suspect is held later, its recipients have to be known: it may never be opened again.
  return { state, effects: state.handlings > 0 ? [{ do: 'write' }, route] : [route] };
}

function dispatch(
  state: MessageState,
  { sites, hasRoom }: Extract<Input, { kind: 'routed' }>,
  now: number,
): Step {
  if (state.isStored || sites < 2) return { state, effects: [{ do: 'attempt' }] };
  if (!hasRoom) return wait(state, justDue(now));
  // In the deferred queue first, in one write: a crash repeats one attempt and not those at all sites.
  return then(store(state), { do: 'attempt' });
}

function learn(
  state: MessageState,
  { results, isLast }: Extract<Input, { kind: 'attempted' }>,
  now: number,
  rules: Rules,
): Step {
  const byPlace = new Map(results.map((result) => [result.n, result]));
  let { failures, untold } = state;
  const final: number[] = [];
  const learned = changePending(state, (one) => {
    const result = byPlace.get(one.n);
    if (result === undefined) return one;
    const after = afterResult(one, result, now, rules, state.expiresAt);
    if (isFinal(after.status)) final.push(one.n);
    else if (after.rev !== one.rev) untold = new Set([...untold, one.n]);
    if (result.outcome === 'permanent') failures = new Map([...failures, [one.n, result.failure]]);
    return after;
  });
  const wasTried = results.some(({ outcome }) => outcome !== 'postponed');
  const effects: Effect[] = final.length === 0 ? [] : [{ do: 'publish', places: final }];
  // The last one is written with whatever follows from all of them.
  if (!isLast) effects.push({ do: 'write' });
  return { state: { ...learned, failures, untold, ...(wasTried && { handlings: 0 }) }, effects };
}

function afterResult(
  one: RecipientState,
  result: Result,
  now: number,
  rules: Rules,
  expiresAt: number,
): RecipientState {
  const { retryAt } = result;
  if (result.outcome === 'postponed') return { ...one, dueAt: retryAt ?? soonAfter(now) };
  const attempts = [...one.attempts, result.evidence];
  if (result.outcome !== 'transient') {
    const status = result.outcome === 'delivered' ? 'delivered' : 'bounced';
    return { ...advance(one, status), attempts };
  }
  const tries = one.tries + 1;
  const planned = Math.min(nextAttemptAt(now, tries, rules), expiresAt);
  // It only found its site down: the first time it waits until somebody looks again, later as all.
  const isSoon = retryAt !== undefined && one.tries === 0;
  const dueAt = isSoon ? Math.min(planned, soonAfter(retryAt)) : planned;
  return { ...advance(one, 'deferred'), attempts, tries, dueAt };
}

/** A report for failures that nobody was told of; without any, the end or the wait. */
function conclude(state: MessageState): Step {
  const places = recipientsOf(state)
    .filter(
      ({ status, dsn }) => (status === 'bounced' || status === 'expired') && dsn === undefined,
    )
    .map(({ n }) => n);
  return places.length === 0 ? settle(state) : { state, effects: [{ do: 'report', places }] };
}

function afterReport(
  state: MessageState,
  { places, report }: Extract<Input, { kind: 'reported' }>,
): MessageState {
  const about = new Set(places);
  const reports = report === undefined ? state.reports : [...state.reports, report];
  const marked = change(state, (one) =>
    about.has(one.n) ? { ...one, dsn: report?.id ?? 'none' } : one,
  );
  return { ...marked, reports };
}

/** The end, or the wait for those who have not got it yet. */
function settle(state: MessageState): Step {
  const recipients = recipientsOf(state);
  const final = recipients.filter(({ status }) => isFinal(status)).map(({ n }) => n);
  // Told once more: it is not known whether an earlier handling came so far.
  const effects: Effect[] = final.length === 0 ? [] : [{ do: 'publish', places: final }];
  let settled = state;
  if (state.reports.length > 0) {
    // First written down, then done: a replay finds the same reports, by the same ids.
    settled = { ...state, isStored: true, reports: [] };
    effects.push({ do: 'write' }, { do: 'enqueue', reports: state.reports });
  }
  const pending = recipients.filter(isPending);
  if (pending.length > 0) {
    const waiting = wait(settled, Math.min(...pending.map(({ dueAt }) => dueAt)));
    return { ...waiting, effects: [...effects, ...waiting.effects] };
  }
  // What others must not do again is durable before the wait for the broker's confirms.
  if (settled.isStored) effects.push({ do: 'write' });
  return { state: settled, effects: [...effects, { do: 'end' }] };
}

function fail(state: MessageState, why: FailedBecause, now: number, rules: Rules): Step {
  switch (why) {
    case 'key_withheld':
      return wait(uncounted(state), soonAfter(now));
    case 'key_destroyed':
      return { state, effects: [{ do: 'drop' }] };
    case 'content_gone':
      // A suspect was delivered to its end by the process that had it before: only then the content goes.
      if (state.handlings > 0) return { state, effects: [{ do: 'drop' }] };
      return unreadable(state, now);
    case 'unreadable':
      return unreadable(state, now);
    case 'interrupted':
      return state.isStored
        ? wait(uncounted(state), now)
        : { state, effects: [{ do: 'give_back' }] };
    case 'unexpected':
      return suspect(state, now, rules);
    default:
      return unknown(why);
  }
}

function suspect(state: MessageState, now: number, rules: Rules): Step {
  const handlings = Math.max(1, state.handlings);
  return wait({ ...state, handlings }, nextAttemptAt(now, handlings, rules));
}

const unreadable = (state: MessageState, now: number): Step =>
  now < state.expiresAt ? hold(state, 'unreadable', now) : giveUp(state);

/** A suspect whose handling was not to blame is suspected as much as before. */
const uncounted = (state: MessageState): MessageState => ({
  ...state,
  handlings: Math.max(0, state.handlings - 1),
});

/** Parked until an operator decides; it expires like any other. */
function hold(state: MessageState, reason: HeldReason, now: number): Step {
  const parked = toldLater(changePending(state, (one) => advance(one, 'held')));
  return wait({ ...parked, held: { reason, at: now } }, state.nextAt);
}

function release({ held: _held, ...state }: MessageState, now: number): Step {
  const dueAt = justDue(now);
  const free = changePending(state, (one) => ({ ...advance(one, 'deferred'), dueAt }));
  return wait({ ...toldLater(free), handlings: 0 }, dueAt);
}

const toldLater = (state: MessageState): MessageState => ({
  ...state,
  untold: new Set(
    recipientsOf(state)
      .filter(isPending)
      .map(({ n }) => n),
  ),
});

/** Expired, and nothing can be done with it. */
const giveUp = (state: MessageState): Step => {
  const { state: ended, effects } = settle(expireSilently(state));
  return { state: ended, effects: [{ do: 'count_unreported' }, ...effects] };
};

const expireSilently = (state: MessageState): MessageState =>
  changePending(state, (one) => ({ ...advance(one, 'expired'), dsn: 'none' }));

const store = (state: MessageState): Step => ({
  state: { ...state, isStored: true },
  effects: [{ do: 'write' }],
});

/** What is on its way is told once it is durable: a replay would tell something else under its revision. */
function wait(state: MessageState, nextAt: number): Step {
  const places = [...state.untold];
  const effects: Effect[] = [{ do: 'wait' }];
  if (places.length > 0) effects.push({ do: 'publish', places });
  return { state: { ...state, nextAt, untold: nobody }, effects };
}

const then = ({ state, effects }: Step, effect: Effect): Step => ({
  state,
  effects: [...effects, effect],
});

/** Moves a recipient to a status; what is final stays as it is. */
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
