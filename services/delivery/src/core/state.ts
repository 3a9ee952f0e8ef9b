import { isFinal, type Envelope, type MailHeaders, type Status } from '@mysmtp/contracts';
import type { ReplyStage } from '@mysmtp/mail';

/** What is known of one recipient: nothing personal in clear. */
export interface RecipientState {
  /** The recipient's place in the envelope. */
  readonly n: number;
  readonly status: Status;
  /** Revision of the newest event about it. */
  readonly rev: number;
  /** Blind index of the address. */
  readonly index: string;
  /** Sealed `LogFacts`, made at acceptance and only passed on. */
  readonly facts: Buffer;
  /** Sealed `Attempt`s, oldest first. */
  readonly attempts: readonly Buffer[];
  /** How often a site was tried for it: decides how long the next wait is. */
  readonly tries: number;
  /** When it is to be tried next. Milliseconds since the epoch. */
  readonly dueAt: number;
  /** Id of the report (RFC 3464) that tells the sender of this failure, or `none`. */
  readonly dsn?: string;
}

/** A report (RFC 3464) about failures of a message: sealed, with an id that every replay finds again. */
export interface DueReport {
  readonly id: string;
  readonly content: Buffer;
}

/** Why a message is held. A `canary` is none of the operator's: it waits for the erasure that planted it. */
export type HeldReason = 'unreadable' | 'handling_failed' | 'canary';

/** Why a recipient is not reached, whole and unscrubbed: only the sealed report keeps it. */
export interface Failure {
  readonly at: number;
  readonly site: string | null;
  readonly reply: string;
  readonly enhancedCode: string | null;
  /** What the server refused, if it did. */
  readonly stage?: ReplyStage;
}

/** What is decided about one message so far. Only `next` makes a new one. */
export interface MessageState {
  readonly id: string;
  readonly tenant: string;
  readonly kind: MailHeaders['kind'];
  readonly acceptedAt: number;
  readonly expiresAt: number;
  /** It is a document of the deferred queue; if not, the broker still answers for it. */
  readonly isStored: boolean;
  readonly held?: { readonly reason: HeldReason; readonly at: number };
  /** When it is due, while nobody works on it. */
  readonly nextAt: number;
  /** How often its handling has begun without an end. */
  readonly handlings: number;
  /** Known once the message was opened for the first time. */
  readonly opened?: Opened;
  /** Reports that are written down and are not in the deferred queue themselves yet. */
  readonly reports: readonly DueReport[];
  /** Failures of this handling, by place. In memory only. */
  readonly failures: ReadonlyMap<number, Failure>;
  /** Recipients that changed and are not final, of which nobody knows yet, by place. In memory only. */
  readonly untold: ReadonlySet<number>;
}

/** What is in clear of a message that was opened. */
export interface Opened {
  readonly senderIndex: string;
  readonly spool: Envelope['spool'];
  readonly recipients: readonly RecipientState[];
}

/** What came of an attempt, for one recipient. */
export type Result =
  /** Nobody was asked, for a reason that is not the message's: it does not count as an attempt. */
  | { readonly n: number; readonly outcome: 'postponed'; readonly retryAt: number | undefined }
  | {
      readonly n: number;
      readonly outcome: 'delivered' | 'transient' | 'permanent';
      /** Sealed. */
      readonly evidence: Buffer;
      readonly failure: Failure;
      /** The site is known to be down: when somebody will look again. */
      readonly retryAt: number | undefined;
    };

export type Input =
  /** The broker hands it out again: what became of it is not known. */
  | { readonly kind: 'redelivered' }
  /** Work on it begins. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'opened'; readonly envelope: Envelope }
  /** So many sites are to be tried; `hasRoom`: this process may take it into the deferred queue's window. */
  | { readonly kind: 'routed'; readonly sites: number; readonly hasRoom: boolean }
  /** One site was tried; `isLast`: no other is under way. */
  | { readonly kind: 'attempted'; readonly results: readonly Result[]; readonly isLast: boolean }
  /** All sites were tried. */
  | { readonly kind: 'round_over' }
  /** The broker has waited for it as long as it may. */
  | { readonly kind: 'held_long' }
  /** A report about these was made, or there is nobody who may be told. */
  | {
      readonly kind: 'reported';
      readonly places: readonly number[];
      readonly report: DueReport | undefined;
    }
  | { readonly kind: 'failed'; readonly why: FailedBecause }
  /** An operator's decision. */
  | { readonly kind: 'released' }
  | { readonly kind: 'cancelled' };

export type FailedBecause =
  /** Its key cannot be had now. */
  | 'key_withheld'
  /** Its key exists no more: nobody can read it. */
  | 'key_destroyed'
  /** No later attempt makes it readable. */
  | 'unreadable'
  /** Ingress has its content no more. */
  | 'content_gone'
  /** What this process needs is away, or the process stops. */
  | 'interrupted'
  | 'unexpected';

/** What is to be done, in this order; each one after the one before it. One with an answer is the last. */
export type Effect =
  | { readonly do: 'open' }
  /** Find the sites of these recipients. */
  | { readonly do: 'route'; readonly places: readonly number[] }
  /** Try the sites that were found, side by side. */
  | { readonly do: 'attempt' }
  /** Make the state durable, and keep the message in hand. */
  | { readonly do: 'write' }
  /** Tell the others of these recipients. */
  | { readonly do: 'publish'; readonly places: readonly number[] }
  /** Make a report about these recipients. */
  | { readonly do: 'report'; readonly places: readonly number[] }
  /** Put these reports into the deferred queue: each is a message of its own. */
  | { readonly do: 'enqueue'; readonly reports: readonly DueReport[] }
  /** Make the state durable and let go of the message: it is due later, or held. */
  | { readonly do: 'wait' }
  /** Wait until the others know of everything, release the content, then forget the message. */
  | { readonly do: 'end' }
  /** Forget it, and tell nobody. */
  | { readonly do: 'drop' }
  /** Give it back to the broker. */
  | { readonly do: 'give_back' }
  /** There is nobody who may be told of a failure. */
  | { readonly do: 'count_unreported' };

export interface Step {
  readonly state: MessageState;
  readonly effects: readonly Effect[];
}

/** Shared, since nearly all messages have no others. */
export const noFailures: MessageState['failures'] = new Map();
export const nobody: MessageState['untold'] = new Set();

/** A message of which nothing is known but its clear header. */
export function newState(
  header: Pick<MessageState, 'id' | 'tenant' | 'kind'>,
  times: { readonly acceptedAt: number; readonly expiry: number; readonly now: number },
): MessageState {
  const { id, tenant, kind } = header;
  const { acceptedAt, expiry, now } = times;
  return {
    id,
    tenant,
    kind,
    acceptedAt,
    expiresAt: acceptedAt + expiry,
    isStored: false,
    nextAt: now,
    handlings: 0,
    reports: [],
    failures: noFailures,
    untold: nobody,
  };
}

export function openedBy(envelope: Envelope, now: number): Opened {
  return {
    senderIndex: envelope.senderIndex,
    spool: envelope.spool,
    recipients: envelope.recipients.map(({ index, log }, n) => ({
      n,
      status: 'accepted',
      rev: 0,
      index,
      facts: Buffer.from(log, 'base64'),
      attempts: [],
      tries: 0,
      dueAt: now,
    })),
  };
}

export const recipientsOf = ({ opened }: MessageState): readonly RecipientState[] =>
  opened?.recipients ?? [];

export const isPending = ({ status }: RecipientState): boolean => !isFinal(status);
