import type { WireOutcome } from '@mysmtp/contracts';
import type { Transaction } from './session.ts';

/**
 * Counts the recipients of a transaction that ended after the fence: the server answered for them, or
 * the connection ended after the final dot and nobody knows. What broke before it, or was never sent,
 * has delivered nothing and counts as neither.
 */
export function addOutcome(counted: WireOutcome, transaction: Transaction): void {
  if (transaction.end === 'answered') counted.finished += transaction.replies.length;
  if (transaction.end !== 'broken' || !transaction.afterFinalDot) return;
  for (const refusal of transaction.refused) {
    if ((refusal ?? transaction.reply) === undefined) counted.unknown += 1;
    else counted.finished += 1;
  }
}
