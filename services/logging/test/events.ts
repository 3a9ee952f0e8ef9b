import { randomBytes } from 'node:crypto';
import { finalRevision, newMessageId, type MessageEvent, type Status } from '@mysmtp/contracts';

/** An event as sent by ingress and delivery, with dummy sealed values. */
export function event(given: Partial<MessageEvent> & { at?: number } = {}): MessageEvent {
  const { at = Date.now(), ...rest } = given;
  return {
    id: newMessageId(at),
    n: 0,
    tenant: 'tenant-1',
    rev: 0,
    status: 'accepted',
    acceptedAt: at,
    nextAttemptAt: null,
    senderIndex: 'sender',
    recipientIndex: 'recipient',
    details: randomBytes(200).toString('base64'),
    attempts: [],
    ...rest,
  };
}

/** The same row, later. */
export function later(
  before: MessageEvent,
  status: Status,
  rev: number = finalRevision,
): MessageEvent {
  return { ...before, status, rev, attempts: [randomBytes(150).toString('base64')] };
}
