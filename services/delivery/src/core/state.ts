import {
  isFinal,
  type Envelope,
  type MailHeaders,
  type ReplyClass,
  type Status,
} from '@mysmtp/contracts';
import type { ReplyStage } from '@mysmtp/mail';

/** The state of one recipient. Contains no personal data in clear. */
export interface RecipientState {
  /** The recipient's position in the envelope. */
  readonly n: number;
  readonly status: Status;
  /** Revision of the recipient's newest event. */
  readonly rev: number;
  /** Blind index of the address. */
  readonly index: string;
  /** Blind index of its domain. */
  readonly domainIndex?: string;
  /** Sealed `UsageDetails`, created at acceptance and passed on unchanged. */
  readonly details: Buffer;
  /** Sealed `Attempt`s, oldest first. */
  readonly attempts: readonly Buffer[];
  /** Class of the reply in the last attempt. Absent without an attempt. */
  readonly lastReply?: ReplyClass;
  /** Class of the site that was tried last (`siteClass` of `MessageEvent`). */
  readonly siteClass?: string;
  /** How often a site was tried for the recipient. Determines the next delay. */
  readonly tries: number;
  /** When the recipient is due. Milliseconds since the epoch. */
  readonly dueAt: number;
  /** Id of the DSN (RFC 3464) about this failure, or `none`. */
  readonly dsn?: string;
}

/** A DSN (RFC 3464) about failures of a message. Sealed; its id stays the same in every replay. */
export interface PendingDsn {
  readonly id: string;
  readonly content: Buffer;
}

/** Why a message is held. Operators do not see a `canary`: it waits for the erasure that planted it. */
export type HeldReason = 'unreadable' | 'handling_failed' | 'canary';

/** Why delivery to a recipient failed, complete and unscrubbed. Kept only in the sealed DSN. */
export interface RecipientFailure {
  readonly at: number;
  readonly site: string | null;
  readonly reply: string;
  readonly enhancedCode: string | null;
  /** The command that the server refused, if it refused one. */
  readonly stage?: ReplyStage;
}

/** The state of one message. Only `next` creates a new state. */
export interface MessageState {
  readonly id: string;
  readonly tenant: string;
  readonly kind: MailHeaders['kind'];
  /** Id of the credential that submitted it, if it is known. */
  readonly credential?: string;
  readonly acceptedAt: number;
  readonly expiresAt: number;
  /** True if the message is a document of the deferred queue; if not, the broker still keeps it. */
  readonly isStored: boolean;
  readonly held?: { readonly reason: HeldReason; readonly at: number };
  /** When the message is due, while no process works on it. */
  readonly nextAt: number;
  /** How often handling began and did not finish. */
  readonly unfinishedHandlings: number;
  /** Known once the message was opened for the first time. */
  readonly opened?: Opened;
  /** DSNs that are written here but are not yet messages of the deferred queue. */
  readonly dsns: readonly PendingDsn[];
  /** Failures of this handling, by position. In memory only. */
  readonly failures: ReadonlyMap<number, RecipientFailure>;
  /** Positions of pending recipients whose change is not published yet. In memory only. */
  readonly unpublished: ReadonlySet<number>;
}

/** The clear fields of a message that was opened. */
export interface Opened {
  readonly senderIndex: string;
  readonly senderDomainIndex?: string;
  readonly tagIndexes?: string[];
  /** Of a DSN: the persons whose failed delivery it is about. */
  readonly about?: string[];
  readonly spool: Envelope['spool'];
  readonly recipients: readonly RecipientState[];
}

/** What the erasure of persons takes from a message. */
export interface Erased {
  /** These recipients are cancelled, and their data is removed. */
  readonly recipients: readonly number[];
  /** The whole message is cancelled: its sender is erased, or it is a DSN about an erased person. */
  readonly isAll: boolean;
  readonly isSender: boolean;
  /**
   * Sealed `UsageDetails` without the erased persons, by position. A recipient without an entry has no events
   * any more.
   */
  readonly details: ReadonlyMap<number, Buffer>;
}

/** The result of an attempt, for one recipient. */
export type AttemptResult =
  /** No server was contacted, for a reason outside the message. This does not count as an attempt. */
  | { readonly n: number; readonly outcome: 'postponed'; readonly retryAt: number | undefined }
  | {
      readonly n: number;
      readonly outcome: 'delivered' | 'transient' | 'permanent';
      /** Sealed. */
      readonly attempt: Buffer;
      readonly failure: RecipientFailure;
      /** Absent if the recipient has no site. */
      readonly siteClass?: string;
      /** When the site is dialled again, if it is known to be down. */
      readonly retryAt: number | undefined;
    };

export type Input =
  /** The broker redelivered the message. The result of its earlier handling is unknown. */
  | { readonly kind: 'redelivered' }
  /** Handling begins. */
  | { readonly kind: 'begun' }
  | {
      readonly kind: 'opened';
      readonly envelope: Envelope;
      /** Persons in it are fenced. */
      readonly erased?: Erased | undefined;
      /** It was opened for an erasure and not for its delivery. */
      readonly isSearch?: boolean;
    }
  /** An erasure opens a message that no process handles. */
  | { readonly kind: 'searched' }
  /** Persons in it were fenced after it was opened. */
  | { readonly kind: 'erased'; readonly erased: Erased }
  /** `sites`: how many sites to try. `hasRoom`: this process has room for another lease. */
  | { readonly kind: 'routed'; readonly sites: number; readonly hasRoom: boolean }
  /** One site was tried; `isLast`: no other attempt is running. */
  | {
      readonly kind: 'attempted';
      readonly results: readonly AttemptResult[];
      readonly isLast: boolean;
    }
  /** All sites were tried. */
  | { readonly kind: 'round_over' }
  /** The message was in flight for `IN_FLIGHT_TIME`. */
  | { readonly kind: 'held_long' }
  /** A DSN about these recipients was written, or none may be sent. */
  | {
      readonly kind: 'dsn_made';
      readonly positions: readonly number[];
      readonly dsn: PendingDsn | undefined;
    }
  | { readonly kind: 'failed'; readonly why: FailedBecause }
  /** The tenant is suspended or restricted. Handling does not begin. */
  | { readonly kind: 'stopped' }
  /** An operator's decision. */
  | { readonly kind: 'released' }
  | { readonly kind: 'cancelled' };

export type FailedBecause =
  /** The key is temporarily unavailable. */
  | 'key_withheld'
  /** The key is destroyed: the message can never be opened. */
  | 'key_destroyed'
  /** The message cannot be opened, and a later attempt cannot succeed. */
  | 'unreadable'
  /** Ingress does not have the content any more. */
  | 'content_gone'
  /** The tenant became suspended or restricted. */
  | 'stopped'
  /** Something that this process needs is unavailable, or the process stops. */
  | 'interrupted'
  | 'unexpected';

/** What the caller performs, one effect after the other. An effect that produces an input is the last one. */
export type Effect =
  | { readonly do: 'open'; readonly isSearch?: boolean }
  /** Seal the content again without the erased persons. It is stored with the next write. */
  | { readonly do: 'reseal' }
  /** Find the sites of these recipients. */
  | { readonly do: 'route'; readonly positions: readonly number[] }
  /** Try the sites that were found, in parallel. */
  | { readonly do: 'attempt' }
  /** Make the state durable and keep the message in flight. */
  | { readonly do: 'write' }
  /** Publish the events of these recipients. */
  | { readonly do: 'publish'; readonly positions: readonly number[] }
  /** Write a DSN about these recipients. */
  | { readonly do: 'make_dsn'; readonly positions: readonly number[] }
  /** Put these DSNs into the deferred queue, each as a separate message. */
  | { readonly do: 'enqueue'; readonly dsns: readonly PendingDsn[] }
  /** Make the state durable and release the message. It is due later, or held. */
  | { readonly do: 'wait' }
  /** Wait until all events are confirmed, release the spooled content, then delete the message. */
  | { readonly do: 'end' }
  /** Delete the message and publish nothing. */
  | { readonly do: 'drop' }
  /** Give the message back to the broker. */
  | { readonly do: 'give_back' }
  /** Count a message that failed and has no DSN. */
  | { readonly do: 'count_without_dsn' };

export interface Step {
  readonly state: MessageState;
  readonly effects: readonly Effect[];
}

/** Shared, because nearly all messages have empty ones. */
export const noFailures: MessageState['failures'] = new Map();
export const noRecipients: MessageState['unpublished'] = new Set();

/** The state of a message of which only the clear header is known. */
export function newState(
  header: Pick<MessageState, 'id' | 'tenant' | 'kind' | 'credential'>,
  times: { readonly acceptedAt: number; readonly expiry: number; readonly now: number },
): MessageState {
  const { id, tenant, kind, credential } = header;
  const { acceptedAt, expiry, now } = times;
  return {
    id,
    tenant,
    kind,
    ...(credential !== undefined && { credential }),
    acceptedAt,
    expiresAt: acceptedAt + expiry,
    isStored: false,
    nextAt: now,
    unfinishedHandlings: 0,
    dsns: [],
    failures: noFailures,
    unpublished: noRecipients,
  };
}

export function openedBy(envelope: Envelope, now: number): Opened {
  return {
    ...logIndexesOf(envelope),
    ...(envelope.about !== undefined && { about: envelope.about }),
    spool: envelope.spool,
    recipients: envelope.recipients.map(({ index, domainIndex, log }, n) => ({
      n,
      status: 'accepted',
      rev: 0,
      index,
      ...(domainIndex !== undefined && { domainIndex }),
      details: Buffer.from(log, 'base64'),
      attempts: [],
      tries: 0,
      dueAt: now,
    })),
  };
}

type LogIndexes = Pick<Opened, 'senderIndex' | 'senderDomainIndex' | 'tagIndexes'>;
type SomeLogIndexes = { readonly [Name in keyof LogIndexes]: LogIndexes[Name] | undefined } & {
  readonly senderIndex: string;
};

/** The blind indexes of a message by which the usage log finds it. */
export const logIndexesOf = ({
  senderIndex,
  senderDomainIndex,
  tagIndexes,
}: SomeLogIndexes): LogIndexes => ({
  senderIndex,
  ...(senderDomainIndex !== undefined && { senderDomainIndex }),
  ...(tagIndexes !== undefined && { tagIndexes }),
});

export const recipientsOf = ({ opened }: MessageState): readonly RecipientState[] =>
  opened?.recipients ?? [];

export const isPending = ({ status }: RecipientState): boolean => !isFinal(status);
