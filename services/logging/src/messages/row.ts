import type { MessageEvent, Status } from '@mysmtp/contracts';
import { mongo } from 'mongoose';
import { rowIdOf } from './row-id.ts';

/** One recipient of one message, as it is stored. All that is personal is sealed or a blind index. */
export interface Row {
  /** `MESSAGE-ID:n`. */
  _id: string;
  tenant: string;
  acceptedAt: Date;
  status: Status;
  /** A row never goes back to a smaller one. */
  rev: number;
  nextAttemptAt: Date | null;
  senderIndex: string;
  recipientIndex: string;
  /** Sealed `LogFacts`. */
  facts: mongo.Binary;
  /** Sealed `Attempt`s, oldest first. */
  attempts: mongo.Binary[];
}

const octets = (base64: string) => new mongo.Binary(Buffer.from(base64, 'base64'));

export function rowOf(event: MessageEvent): Row {
  return {
    _id: rowIdOf(event.id, event.n),
    tenant: event.tenant,
    acceptedAt: new Date(event.acceptedAt),
    status: event.status,
    rev: event.rev,
    nextAttemptAt: event.nextAttemptAt === null ? null : new Date(event.nextAttemptAt),
    senderIndex: event.senderIndex,
    recipientIndex: event.recipientIndex,
    facts: octets(event.facts),
    attempts: event.attempts.map(octets),
  };
}
