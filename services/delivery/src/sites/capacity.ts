import type { Clock } from '@mysmtp/service';
import type { Session } from '@mysmtp/smtp-client';
import type { DialFailure } from '../dial/dial.ts';
import { afterBreak, afterSuccess, afterThrottle, newBudget } from './budget.ts';
import { endingOf, type Use } from './ending.ts';
import { afterFailure, healthy, isDoubtful, longestSkip } from './health.ts';
import { createPace } from './pace.ts';

/** What a site has shown that it takes: how many connections, how many messages over each, or nothing. */
export interface Capacity {
  /** How many connections it may have now. */
  connections(): number;
  /** Nobody dials before this moment, for the reason of `lastFailure`. Milliseconds since the epoch. */
  skipUntil(): number;
  lastFailure(): DialFailure;
  /** True once a failure is so long ago that it says nothing any more. */
  isForgotten(now: number): boolean;
  /** No session could be opened; `alone`: no other connection to the site was open. */
  dialFailed(failure: DialFailure, alone: boolean): void;
  /** Learns from a session that has just been used, and from what its server answered. */
  learn(use: Use): void;
  /** When a message that got no connection should come again, so that the site has room by then. */
  bookAgain(now: number): number;
  /** Whether another message may go over this session. */
  mayTakeAnother(session: Session): boolean;
}

/** Of so many connections that have taken all they take, one is given a message more. */
const tryMoreEvery = 20;

export function createCapacity(settings: {
  readonly clock: Clock;
  readonly connections: number;
  readonly messagesPerConnection: number;
}): Capacity {
  const { clock, connections: most } = settings;
  const pace = createPace();
  let budget = newBudget(most);
  let health = healthy;
  let lastFailure: DialFailure = { text: '', enhancedCode: '4.4.1', permanent: false };
  /** How many messages the site takes over one connection, as far as it has shown. */
  let messagesPerConnection = settings.messagesPerConnection;
  /** Connections that we have closed at this number. */
  let closedFull = 0;

  return {
    // While it is doubtful, one connection at a time finds out.
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
        // Several connections may hear it at once: it was said once.
        if (health.skipUntil <= clock.now()) health = afterFailure(health, clock.now());
        return;
      }
      if (ending.kind === 'broken') {
        budget = afterBreak(budget);
        return;
      }
      // It answers mail, and not only the greeting.
      health = healthy;
      if (ending.kind === 'worn') {
        messagesPerConnection = Math.min(messagesPerConnection, ending.messages);
        return;
      }
      messagesPerConnection = Math.max(messagesPerConnection, use.session.transactions);
      if (ending.kind === 'taken') budget = afterSuccess(budget, most);
      else if (ending.kind === 'throttled') budget = afterThrottle(budget);
    },
    bookAgain: pace.book,
    mayTakeAnother(session) {
      if (!session.isUsable()) return false;
      if (session.transactions < messagesPerConnection) return true;
      if (session.transactions >= settings.messagesPerConnection) return false;
      // The connection that showed the number may have ended for another reason.
      closedFull += 1;
      if (closedFull < tryMoreEvery) return false;
      closedFull = 0;
      return true;
    },
  };
}
