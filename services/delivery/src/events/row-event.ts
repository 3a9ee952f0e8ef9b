import type { MessageEvent } from '@mysmtp/contracts';
import { isFinal } from '@mysmtp/contracts';
import type { Row } from '../shelf/rows.ts';

/** The part of a message that all its rows share. */
export interface EventSource {
  readonly id: string;
  readonly tenant: string;
  readonly acceptedAt: number;
  readonly senderIndex: string;
}

/** The present state of one recipient, complete in itself. */
export function rowEvent(
  source: EventSource,
  row: Row,
  nextAttemptAt: number | null,
): MessageEvent {
  return {
    id: source.id,
    n: row.n,
    tenant: source.tenant,
    rev: row.rev,
    status: row.status,
    acceptedAt: source.acceptedAt,
    nextAttemptAt: isFinal(row.status) ? null : nextAttemptAt,
    senderIndex: source.senderIndex,
    recipientIndex: row.index,
    facts: row.facts.toString('base64'),
    attempts: row.attempts.map((attempt) => attempt.toString('base64')),
  };
}
