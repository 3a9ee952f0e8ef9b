import type { MessageEvent, ReplyClass, Status } from '@mysmtp/contracts';
import { mongo } from 'mongoose';
import { rowIdOf } from './row-id.ts';

/** One recipient of one message, as stored. Personal data is sealed or a blind index. */
export interface Row {
  /** `MESSAGE-ID:n`. */
  _id: string;
  tenant: string;
  acceptedAt: Date;
  status: Status;
  /** A row is never replaced by one with a smaller `rev`. */
  rev: number;
  nextAttemptAt: Date | null;
  senderIndex: string;
  recipientIndex: string;
  // Absent if the release before wrote the event.
  senderDomainIndex?: string;
  recipientDomainIndex?: string;
  tagIndexes?: string[];
  credential?: string;
  /** Absent of a delivered row: its class is `2xx`. So the index of classes has only the few other rows. */
  lastReply?: ReplyClass;
  siteClass?: string;
  /** Sealed `UsageDetails`. */
  details: mongo.Binary;
  /** Sealed `Attempt`s, oldest first. */
  attempts: mongo.Binary[];
}

const octets = (base64: string) => new mongo.Binary(Buffer.from(base64, 'base64'));

export function rowOf(event: MessageEvent): Row {
  const { senderDomainIndex, recipientDomainIndex, tagIndexes, credential, siteClass } = event;
  const { lastReply = 'none' } = event;
  return {
    _id: rowIdOf(event.id, event.n),
    tenant: event.tenant,
    acceptedAt: new Date(event.acceptedAt),
    status: event.status,
    rev: event.rev,
    nextAttemptAt: event.nextAttemptAt === null ? null : new Date(event.nextAttemptAt),
    senderIndex: event.senderIndex,
    recipientIndex: event.recipientIndex,
    ...(senderDomainIndex !== undefined && { senderDomainIndex }),
    ...(recipientDomainIndex !== undefined && { recipientDomainIndex }),
    ...(tagIndexes !== undefined && { tagIndexes }),
    ...(credential !== undefined && { credential }),
    ...(event.status !== 'delivered' && { lastReply }),
    ...(siteClass !== undefined && { siteClass }),
    details: octets(event.details),
    attempts: event.attempts.map(octets),
  };
}

/** The class of the last reply, which a delivered row does not store. */
export const lastReplyOf = ({ status, lastReply }: Pick<Row, 'status' | 'lastReply'>): ReplyClass =>
  status === 'delivered' ? '2xx' : (lastReply ?? 'none');
