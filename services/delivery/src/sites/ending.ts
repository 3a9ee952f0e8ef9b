import type { Failure, RecipientResult, Session } from '@mysmtp/smtp-client';

/** A session that a message has had. */
export interface Use {
  readonly session: Session;
  /** Transactions over it before the message. */
  readonly before: number;
  /** What the server answered; empty if nothing was sent. */
  readonly results: readonly RecipientResult[];
}

/** What the use of a session says of the site, whatever it means for the message. */
export type Ending =
  /** A recipient was taken: the site takes more. */
  | { readonly kind: 'taken' }
  /** The site answered, and not for want of room. */
  | { readonly kind: 'answered' }
  /** Every recipient was refused for now: the site wants less. */
  | { readonly kind: 'throttled' }
  /** A used connection came to its end: the site takes so many messages a connection. */
  | { readonly kind: 'worn'; readonly messages: number }
  /** 421 to the first message of a connection (RFC 5321 3.8): the site wants no mail now. */
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
