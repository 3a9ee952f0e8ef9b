import type { Reply, Session, Transaction } from '../courier/session.ts';

/** What a transaction says of the site, whatever it means for the message. */
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
  | { readonly kind: 'closing'; readonly reply: Reply }
  | { readonly kind: 'broken' };

/** `undefined` if nothing was sent. */
export function endingOf(session: Session, usedBefore: number): Ending | undefined {
  const { used, last } = session;
  if (used === usedBefore || last === undefined) {
    return session.isBroken() ? { kind: 'broken' } : undefined;
  }
  if (last.end === 'answered') return { kind: kindOf(last.replies) };
  if (last.end !== 'broken') return { kind: 'answered' };
  return endOfConnection(last, used);
}

function kindOf(replies: readonly Reply[]): 'taken' | 'throttled' | 'answered' {
  if (replies.some(({ code }) => code < 400)) return 'taken';
  return replies.every(({ code }) => code < 500) ? 'throttled' : 'answered';
}

function endOfConnection(
  { reply, afterFinalDot, timedOut }: Extract<Transaction, { end: 'broken' }>,
  used: number,
): Ending {
  const saidGoodbye = reply?.code === 421;
  if (used > 1 && !afterFinalDot && !timedOut && (reply === undefined || saidGoodbye)) {
    return { kind: 'worn', messages: used - 1 };
  }
  return saidGoodbye ? { kind: 'closing', reply } : { kind: 'broken' };
}
