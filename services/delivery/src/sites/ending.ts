import type { Failure, RecipientResult, Session } from '@mysmtp/smtp-client';

/** The use of a session by one message. */
export interface Use {
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
export type Ending =
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
