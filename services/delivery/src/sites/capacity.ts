import type { Clock } from '@mysmtp/service';
import type { Session } from '@mysmtp/smtp-client';
import type { DialFailure } from '../dial/dial.ts';
import { afterBreak, afterSuccess, afterThrottle, newBudget } from './budget.ts';
import { endingOf, type Use } from './ending.ts';
import { afterFailure, healthy, isDoubtful, longestSkip } from './health.ts';
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
