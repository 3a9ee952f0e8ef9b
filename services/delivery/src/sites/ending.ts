import type { Failure, RecipientResult, Session } from '@mysmtp/smtp-client';

/** The use of a session by one message. */
export interface Use {
  readonly session: Session;
  /** Transactions over the session before this message. */
  readonly before: number;
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
export function endingOf({ session, before, results }: Use): Ending | undefined {
  const end = session.end();
  if (session.transactions === before && end?.how !== 'failed') return undefined;
  if (end === undefined || end.how === 'closed') return { kind: kindOf(results) };
  if (end.how === 'stale' && session.transactions > 1) {
    return { kind: 'worn', messages: session.transactions - 1 };
  }
  return end.failure.reason === 'closing'
    ? { kind: 'closing', failure: end.failure }
    : { kind: 'broken' };
}

function kindOf(results: readonly RecipientResult[]): 'taken' | 'throttled' | 'answered' {
  if (results.some(({ outcome }) => outcome === 'accepted')) return 'taken';
  const isThrottled = results.every(
    (result) =>
      result.outcome !== 'accepted' && result.failure.code !== null && result.failure.code < 500,
  );
  return isThrottled ? 'throttled' : 'answered';
}
