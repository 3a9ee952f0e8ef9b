import { isFinal, type MessageEvent } from '@mysmtp/contracts';
import type { MessageState, RecipientState } from '../core/state.ts';

/** The complete current state of one recipient; `undefined` if the message was never opened. */
export function recipientEvent(state: MessageState, n: number): MessageEvent | undefined {
  const { opened, held } = state;
  const one = opened?.recipients[n];
  if (opened === undefined || one === undefined) return undefined;
  return {
    id: state.id,
    n,
    tenant: state.tenant,
    rev: one.rev,
    status: one.status,
    acceptedAt: state.acceptedAt,
    nextAttemptAt: held === undefined ? nextAttemptOf(one) : null,
    senderIndex: opened.senderIndex,
    recipientIndex: one.index,
    details: one.details.toString('base64'),
    attempts: one.attempts.map((attempt) => attempt.toString('base64')),
  };
}

const nextAttemptOf = ({ status, dueAt }: RecipientState): number | null =>
  isFinal(status) ? null : dueAt;
