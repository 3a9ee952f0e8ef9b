import type { MailHeaders } from '@mysmtp/contracts';
import { Schema, type Connection, type Model } from 'mongoose';
import {
  logIndexesOf,
  noFailures,
  noRecipients,
  type PendingDsn,
  type HeldReason,
  type MessageState,
  type RecipientState,
} from '../core/state.ts';
import { bucketOf } from './buckets.ts';

/**
 * `ready`: due at the time of its `bucket`. `leased`: a process works on it. `held`: waits until an
 * operator decides or it expires. `finished`: a tombstone, so that a late redelivery is recognised.
 */
export type DeferredState = 'ready' | 'leased' | 'held' | 'finished';

/** One message in the deferred queue. No personal data is in clear; `_id` is the message id. */
export interface DeferredDocument {
  _id: string;
  tenant: string;
  kind: MailHeaders['kind'];
  /** Id of the credential that submitted it. */
  credential?: string;
  state: DeferredState;
  bucket: number;
  /** The lease while `leased`, and its last renewal by the database's clock. */
  lease?: string;
  leasedAt?: Date;
  acceptedAt: number;
  expiresAt: number;
  nextAt: number;
  /** How often handling began and did not finish; see poison-limiter.ts. */
  unfinishedHandlings: number;
  reason?: HeldReason;
  heldAt?: number;
  /** The sealed body of the broker message, unchanged. */
  content: Buffer;
  /** The fields below are absent until the message was opened for the first time. */
  senderIndex?: string;
  senderDomainIndex?: string;
  tagIndexes?: string[];
  about?: string[];
  spool?: { id: string; chunks: number } | null;
  recipients?: RecipientState[];
  /** DSNs that are written but are not yet documents of their own. */
  dsns?: PendingDsn[];
}

export type DeferredModel = Model<DeferredDocument>;

/** The document of a message without a lease. */
export function documentOf(state: MessageState, content: Buffer): DeferredDocument {
  const { id: _id, tenant, kind, credential, acceptedAt, expiresAt } = state;
  return {
    _id,
    tenant,
    kind,
    ...(credential !== undefined && { credential }),
    acceptedAt,
    expiresAt,
    content,
    ...waitingFields(state),
    ...fieldsOf(state),
  };
}

/** The state that a document holds. */
export function stateOf(document: DeferredDocument): MessageState {
  const { _id: id, tenant, kind, acceptedAt, expiresAt, nextAt, unfinishedHandlings } = document;
  const { recipients, senderIndex, senderDomainIndex, tagIndexes, about, spool, credential } =
    document;
  return {
    id,
    tenant,
    kind,
    ...(credential !== undefined && { credential }),
    acceptedAt,
    expiresAt,
    isStored: true,
    nextAt,
    unfinishedHandlings,
    ...(recipients !== undefined &&
      senderIndex !== undefined && {
        opened: {
          recipients,
          ...logIndexesOf({ senderIndex, senderDomainIndex, tagIndexes }),
          ...(about !== undefined && { about }),
          spool: spool ?? null,
        },
      }),
    dsns: document.dsns ?? [],
    failures: noFailures,
    unpublished: noRecipients,
  };
}

type Update = Partial<DeferredDocument> & Record<`recipients.${number}`, RecipientState>;

/** The fields that differ between two states of a message. Each recipient is updated at its position. */
export function changesBetween(before: MessageState, after: MessageState): Update {
  const update: Update = {};
  if (after.unfinishedHandlings !== before.unfinishedHandlings)
    update.unfinishedHandlings = after.unfinishedHandlings;
  if (after.dsns !== before.dsns) update.dsns = [...after.dsns];
  if (before.opened === undefined) return { ...update, ...openedFields(after) };
  for (const [n, recipient] of (after.opened?.recipients ?? []).entries()) {
    if (recipient !== before.opened.recipients[n]) update[`recipients.${n}`] = recipient;
  }
  return update;
}

/** The fields that are written when a process releases a message. The message is due later, or held. */
export function waitingFields({
  held,
  nextAt,
  expiresAt,
}: MessageState): Pick<DeferredDocument, 'state' | 'bucket' | 'nextAt' | 'reason' | 'heldAt'> {
  if (held === undefined) return { state: 'ready', bucket: bucketOf(nextAt), nextAt };
  const { reason, at: heldAt } = held;
  return { state: 'held', bucket: bucketOf(expiresAt), nextAt, reason, heldAt };
}

const fieldsOf = (state: MessageState) => ({
  unfinishedHandlings: state.unfinishedHandlings,
  ...openedFields(state),
  ...(state.dsns.length > 0 && { dsns: [...state.dsns] }),
});

function openedFields({ opened }: MessageState): Partial<DeferredDocument> {
  if (opened === undefined) return {};
  const { recipients, about, spool } = opened;
  return {
    recipients: [...recipients],
    ...logIndexesOf(opened),
    ...(about !== undefined && { about }),
    spool,
  };
}

/** The collection `deferred` of delivery's database. */
export function deferredModel(database: Connection): DeferredModel {
  const row = new Schema<RecipientState>(
    {
      n: { type: Number, required: true },
      status: { type: String, required: true },
      rev: { type: Number, required: true },
      index: { type: String, required: true },
      domainIndex: String,
      details: { type: Buffer, required: true },
      attempts: { type: [Buffer], required: true },
      lastReply: String,
      siteClass: String,
      tries: { type: Number, required: true },
      dueAt: { type: Number, required: true },
      dsn: String,
    },
    { _id: false },
  );
  const dsn = new Schema<PendingDsn>(
    { id: { type: String, required: true }, content: { type: Buffer, required: true } },
    { _id: false },
  );
  const schema = new Schema<DeferredDocument>(
    {
      _id: { type: String, required: true },
      tenant: String,
      kind: String,
      credential: String,
      state: { type: String, required: true, enum: ['ready', 'leased', 'held', 'finished'] },
      bucket: { type: Number, required: true },
      lease: String,
      leasedAt: Date,
      acceptedAt: Number,
      expiresAt: Number,
      nextAt: Number,
      unfinishedHandlings: Number,
      reason: String,
      heldAt: Number,
      content: Buffer,
      senderIndex: String,
      senderDomainIndex: String,
      tagIndexes: { type: [String], default: undefined },
      about: { type: [String], default: undefined },
      spool: new Schema({ id: String, chunks: Number }, { _id: false }),
      recipients: { type: [row], default: undefined },
      dsns: { type: [dsn], default: undefined },
    },
    { versionKey: false, collection: 'deferred' },
  );
  // The only index of regular operation. Leases, expired leases, expiry of held mail and removal of
  // tombstones all query one state and a range of buckets.
  schema.index({ state: 1, bucket: 1 });
  // Only for erasures: without it each batch of a purge would read the whole collection. Tombstones have
  // no tenant and therefore no entry.
  schema.index({ tenant: 1 }, { sparse: true });
  // The same for the erasure of a person.
  schema.index({ 'recipients.index': 1 }, { sparse: true });
  schema.index({ senderIndex: 1 }, { sparse: true });
  schema.index({ about: 1 }, { sparse: true });
  return database.model<DeferredDocument>('Deferred', schema);
}
