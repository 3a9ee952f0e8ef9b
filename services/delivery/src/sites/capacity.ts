import type { Clock } from '@mysmtp/service';
import type { Session, Failure, RecipientResult } from '@mysmtp/smtp-client';
import type { DialFailure } from '../dial/dial.ts';
import { createPace } from './pace.ts';

/** The measured capacity of a site: how many connections, and how many messages over each of them. */
export interface Capacity {
  /** How many connections the site may have now. */
  connections(): number;
  /** The site is not dialled before this moment, because of `lastFailure`. Milliseconds since the epoch. */
  skipUntil(): number;
  lastFailure(): DialFailure;
  /** True if the last failure is too old to be relevant. */
  isForgotten(now: number): boolean;
  /** No session could be opened; `alone`: no other connection to the site was open. */
  dialFailed(failure: DialFailure, alone: boolean): void;
  /** Updates the capacity from a session that was just used, and from the server's replies. */
  learn(use: Use): void;
  /** When a message that got no connection is due again: the site should have room then. */
  bookAgain(now: number): number;
  /** Whether another message may go over this session. */
  mayTakeAnother(session: Session): boolean;
  /** Whether another message may go over this session before the reply to the current one. */
  mayFollow(session: Session): boolean;
}

/** One of this many connections that reached the measured number of messages gets one message more. */
const tryMoreEvery = 20;

export function createCapacity(deps: {
  readonly clock: Clock;
  readonly connections: number;
  readonly messagesPerConnection: number;
}): Capacity {
  const { clock, connections: most } = deps;
  const pace = createPace();
  let budget = newBudget(most);
  let health = healthy;
  let lastFailure: DialFailure = { text: '', enhancedCode: '4.4.1', permanent: false };
  /** The measured number of messages that the site accepts over one connection. */
  let messagesPerConnection = deps.messagesPerConnection;
  /** Connections that we closed at this number. */
  let closedFull = 0;

  return {
    // While the health is doubtful, one connection at a time tests the site.
    connections: () => (isDoubtful(health) ? 1 : budget.limit),
    skipUntil: () => health.skipUntil,
    lastFailure: () => lastFailure,
    isForgotten: (now) => health.skipUntil + longestSkip <= now,
    dialFailed(failure, alone) {
      lastFailure = failure;
      budget = afterBreak(budget);
      if (alone) health = afterFailure(health, clock.now());
    },
    learn(use) {
      const ending = endingOf(use);
      if (ending === undefined) return;
      pace.message(clock.now());
      if (ending.kind === 'closing') {
        const { text, enhancedCode } = ending.failure;
        lastFailure = { text, enhancedCode: enhancedCode ?? '4.3.2', permanent: false };
        // Several connections may get this reply at once. It counts as one failure.
        if (health.skipUntil <= clock.now()) health = afterFailure(health, clock.now());
        return;
      }
      if (ending.kind === 'broken') {
        budget = afterBreak(budget);
        return;
      }
      // The site answered mail, and not only the greeting.
      health = healthy;
      if (ending.kind === 'worn') {
        messagesPerConnection = Math.min(messagesPerConnection, ending.messages);
        return;
      }
      messagesPerConnection = Math.max(messagesPerConnection, use.after);
      if (ending.kind === 'taken') budget = afterSuccess(budget, most);
      else if (ending.kind === 'throttled') budget = afterThrottle(budget);
    },
    bookAgain: pace.book,
    mayTakeAnother(session) {
      if (!session.isUsable()) return false;
      if (session.transactions < messagesPerConnection) return true;
      if (session.transactions >= deps.messagesPerConnection) return false;
      // The connection that showed the number may have ended for another reason.
      closedFull += 1;
      if (closedFull < tryMoreEvery) return false;
      closedFull = 0;
      return true;
    },
    mayFollow: (session) => session.transactions < messagesPerConnection,
  };
}

/** Whether a site answers at all. A dead site is detected once and not dialled for every message. */
interface Health {
  readonly failures: number;
  /** The site is not dialled before this moment. */
  readonly skipUntil: number;
}

export const healthy: Health = { failures: 0, skipUntil: 0 };

const firstSkip = 30_000;
const longestSkip = 900_000;

/** The health after one more failure to connect. */
export function afterFailure({ failures }: Health, now: number): Health {
  return {
    failures: failures + 1,
    skipUntil: now + Math.min(firstSkip * 2 ** failures, longestSkip),
  };
}

/** True after a failure, until a success. Meanwhile one dial at a time tests the site. */
const isDoubtful = (health: Health): boolean => health.failures > 0;

/**
 * How many connections a site may have: more while it accepts mail, fewer if it defers mail, half if a
 * connection breaks (the idea of Postfix's qmgr: additive increase, multiplicative decrease).
 */
interface Budget {
  readonly limit: number;
  readonly successes: number;
}

const first = 5;

export function newBudget(most: number): Budget {
  return { limit: Math.min(first, most), successes: 0 };
}

/** One more connection after as many successes as the limit. */
export function afterSuccess({ limit, successes }: Budget, most: number): Budget {
  if (limit >= most) return { limit, successes: 0 };
  return successes + 1 >= limit
    ? { limit: limit + 1, successes: 0 }
    : { limit, successes: successes + 1 };
}

/** One connection less for each message that the site deferred. */
function afterThrottle({ limit }: Budget): Budget {
  return { limit: Math.max(1, limit - 1), successes: 0 };
}

export function afterBreak({ limit }: Budget): Budget {
  return { limit: Math.max(1, Math.floor(limit / 2)), successes: 0 };
}

/** The use of a session by one message. */
interface Use {
  readonly session: Session;
  /** Transactions over the session before this message. */
  readonly before: number;
  /** Transactions over the session up to the end of this message. */
  readonly after: number;
  /** The next message was begun before the reply to this one. How the session ended may be due to that one. */
  readonly isFollowed: boolean;
  /** The server's results; empty if nothing was sent. */
  readonly results: readonly RecipientResult[];
}

/** What the use of a session shows about the site, independent of the message. */
type Ending =
  /** A recipient was accepted: the site has capacity. */
  | { readonly kind: 'taken' }
  /** The site answered without accepting a recipient, but not because of its load. */
  | { readonly kind: 'answered' }
  /** Every recipient was deferred: the site is overloaded. */
  | { readonly kind: 'throttled' }
  /** The site closed a reused connection: it accepts this many messages per connection. */
  | { readonly kind: 'worn'; readonly messages: number }
  /** 421 to the first message of a connection (RFC 5321 3.8): the site accepts no mail now. */
  | { readonly kind: 'closing'; readonly failure: Failure }
  | { readonly kind: 'broken' };

/** `undefined` if nothing was sent. */
export function endingOf(use: Use): Ending | undefined {
  const { session, before, after, isFollowed, results } = use;
  const end = session.end();
  if (isUntried(use) || (after === before && end?.how !== 'failed')) return undefined;
  if (end === undefined || end.how === 'closed' || (isFollowed && end.how === 'stale')) {
    return { kind: kindOf(results) };
  }
  if (end.how === 'stale' && after > 1) return { kind: 'worn', messages: after - 1 };
  return end.failure.reason === 'closing'
    ? { kind: 'closing', failure: end.failure }
    : { kind: 'broken' };
}

/** The session ended, or accepts no more, because of the messages before this one. */
const isUntried = ({ results }: Use): boolean =>
  results.length > 0 &&
  results.every((one) => one.outcome === 'unsent' && one.failure.reason === 'used_up');

function kindOf(results: readonly RecipientResult[]): 'taken' | 'throttled' | 'answered' {
  if (results.some(({ outcome }) => outcome === 'accepted')) return 'taken';
  const isThrottled = results.every(
    (result) =>
      result.outcome !== 'accepted' && result.failure.code !== null && result.failure.code < 500,
  );
  return isThrottled ? 'throttled' : 'answered';
}
