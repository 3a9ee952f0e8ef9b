import { isFinal, type MessageEvent } from '@mysmtp/contracts';
import { logIndexesOf, type MessageState, type RecipientState } from '../core/state.ts';

/** The complete current state of one recipient; `undefined` if the message was never opened. */
export function recipientEvent(state: MessageState, n: number): MessageEvent | undefined {
  const { opened, held, credential } = state;
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
    ...logIndexesOf(opened),
    recipientIndex: one.index,
    ...(one.domainIndex !== undefined && { recipientDomainIndex: one.domainIndex }),
    ...(credential !== undefined && { credential }),
    ...(one.lastReply !== undefined && { lastReply: one.lastReply }),
    ...(one.siteClass !== undefined && { siteClass: one.siteClass }),
    details: one.details.toString('base64'),
    attempts: one.attempts.map((attempt) => attempt.toString('base64')),
  };
}

const nextAttemptOf = ({ status, dueAt }: RecipientState): number | null =>
  isFinal(status) ? null : dueAt;
