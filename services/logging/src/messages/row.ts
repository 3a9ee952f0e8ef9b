import { rowIdOf, type MessageEvent, type ReplyClass, type Status } from '@mysmtp/contracts';
import { mongo } from 'mongoose';

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
  // Absent if the content is removed.
  senderIndex?: string;
  recipientIndex?: string;
  // Absent if the release before wrote the event.
  senderDomainIndex?: string;
  recipientDomainIndex?: string;
  tagIndex1?: string;
  tagIndex2?: string;
  tagIndex3?: string;
  tagIndex4?: string;
  tagIndex5?: string;
  credential?: string;
  /** Absent of a delivered row: its class is `2xx`. So the index of classes has only the few other rows. */
  lastReply?: ReplyClass;
  siteClass?: string;
  /** Sealed `UsageDetails`. Absent if the content is removed. */
  details?: mongo.Binary;
  /** Sealed `Attempt`s, oldest first. */
  attempts?: mongo.Binary[];
  /** How many there were, if the content is removed. */
  attemptCount?: number;
}

/** One field for each tag of a message (`maxTags`). */
export const tagFields = [
  'tagIndex1',
  'tagIndex2',
  'tagIndex3',
  'tagIndex4',
  'tagIndex5',
] as const satisfies readonly (keyof Row)[];

/** What of a row is personal. */
const content = [
  'senderIndex',
  'recipientIndex',
  'senderDomainIndex',
  'recipientDomainIndex',
  ...tagFields,
  'details',
  'attempts',
] as const satisfies readonly (keyof Row)[];

/** An update that leaves of a row what statistics and operators need. */
export const withoutContent: mongo.Document[] = [
  { $set: { attemptCount: { $size: '$attempts' } } },
  { $unset: [...content] },
];

const octets = (base64: string) => new mongo.Binary(Buffer.from(base64, 'base64'));

export function rowOf(event: MessageEvent): Row {
  const { senderDomainIndex, recipientDomainIndex, tagIndexes = [], credential, siteClass } = event;
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
    ...Object.fromEntries(
      tagIndexes.slice(0, tagFields.length).map((tag, n) => [tagFields[n], tag]),
    ),
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

/** The row of a final event of a tenant that keeps no content. */
export function blankRowOf(event: MessageEvent): Row {
  const row = rowOf(event);
  for (const field of content) delete row[field];
  return { ...row, attemptCount: event.attempts.length };
}

/** Fields that an older state of a row may have, and this one has not. */
export const absentFields = (row: Omit<Row, '_id'>): string[] => [
  ...(row.lastReply === undefined ? ['lastReply'] : []),
  ...(row.details === undefined ? content : []),
];
