import { classify, parseEnhancedCode } from '@mysmtp/mail';
import type { NoRoute } from '../routing/site.ts';
import type { Reply, Transaction } from './session.ts';

/** What an attempt means for one recipient. */
export interface Verdict {
  readonly kind: 'delivered' | 'transient' | 'permanent';
  /** The reply as it came, or our own words. */
  readonly text: string;
  readonly enhancedCode: string | null;
  /** The other side may have taken the message although we do not know. */
  readonly unknown?: true;
}

export function verdictOf(reply: Reply): Verdict {
  const kind = reply.code < 300 ? 'delivered' : classify(reply.code);
  return { kind, text: reply.text, enhancedCode: parseEnhancedCode(reply.text) ?? null };
}

export const ourVerdict = (
  kind: 'transient' | 'permanent',
  code: number,
  enhancedCode: string,
  text: string,
): Verdict => ({ kind, enhancedCode, text: `${String(code)} ${enhancedCode} ${text}` });

export const verdictOfNoRoute = ({ kind, code, enhancedCode, text }: NoRoute): Verdict =>
  ourVerdict(kind, code, enhancedCode, text);

/** RFC 6531 3.4 and RFC 6152 3: what the next hop cannot carry is returned, never changed. */
export const needsSmtpUtf8 = ourVerdict(
  'permanent',
  553,
  '5.6.7',
  'The next hop does not support SMTPUTF8, which this message needs',
);
export const needsEightBit = ourVerdict(
  'permanent',
  554,
  '5.6.3',
  'The next hop does not support 8BITMIME, which this message needs',
);

const tooLarge = ourVerdict(
  'permanent',
  552,
  '5.3.4',
  'The message is larger than the next hop takes',
);
export const badAddress = ourVerdict(
  'permanent',
  553,
  '5.1.3',
  'The address cannot be given in a command',
);

/** The verdicts for all recipients of a transaction, in their order. */
export function verdictsOf(transaction: Transaction, count: number): Verdict[] {
  if (transaction.end === 'content_failed') throw transaction.error;
  if (transaction.end === 'answered') return transaction.replies.map(verdictOf);
  if (transaction.end === 'broken') {
    return transaction.refused.map((refusal) =>
      refusal === undefined ? brokenVerdict(transaction) : verdictOf(refusal),
    );
  }
  const verdict = transaction.why === 'size' ? tooLarge : badAddress;
  return Array.from({ length: count }, () => verdict);
}

function brokenVerdict(broken: Extract<Transaction, { end: 'broken' }>): Verdict {
  if (broken.reply !== undefined && broken.reply.code >= 400) {
    // The server is closing (421): whatever it says, the message is not at fault.
    return { ...verdictOf(broken.reply), kind: 'transient' };
  }
  const text = broken.timedOut ? 'The server did not answer' : 'The connection was lost';
  const verdict = ourVerdict('transient', 451, '4.4.2', text);
  return broken.afterFinalDot ? { ...verdict, unknown: true } : verdict;
}
