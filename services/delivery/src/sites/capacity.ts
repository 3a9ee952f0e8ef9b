import { parseEnhancedCode } from '@mysmtp/mail';
import type { Clock } from '@mysmtp/service';
import type { Session } from '../courier/session.ts';
import { afterBreak, afterSuccess, afterThrottle, newBudget } from './budget.ts';
import { endingOf } from './ending.ts';
import { afterFailure, healthy, isDoubtful, longestSkip } from './health.ts';

/** Why no connection could be had, in words for the usage log. */
export interface DialFailure {
  readonly text: string;
  readonly enhancedCode: string;
}

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
  /** Learns from a session that has just been used; `usedBefore`: messages sent over it until then. */
  learn(session: Session, usedBefore: number): void;
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
  let budget = newBudget(most);
  let health = healthy;
  let lastFailure: DialFailure = { text: '', enhancedCode: '4.4.1' };
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
    learn(session, usedBefore) {
      const ending = endingOf(session, usedBefore);
      if (ending === undefined) return;
      if (ending.kind === 'closing') {
        const { text } = ending.reply;
        lastFailure = { text, enhancedCode: parseEnhancedCode(text) ?? '4.3.2' };
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
      messagesPerConnection = Math.max(messagesPerConnection, session.used);
      if (ending.kind === 'taken') budget = afterSuccess(budget, most);
      else if (ending.kind === 'throttled') budget = afterThrottle(budget);
    },
    mayTakeAnother(session) {
      if (!session.isUsable()) return false;
      if (session.used < messagesPerConnection) return true;
      if (session.used >= settings.messagesPerConnection) return false;
      // The connection that showed the number may have ended for another reason.
      closedFull += 1;
      if (closedFull < tryMoreEvery) return false;
      closedFull = 0;
      return true;
    },
  };
}
