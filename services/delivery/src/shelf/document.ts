import type { MailHeaders } from '@mysmtp/contracts';
import { Schema, type Connection, type Model } from 'mongoose';
import {
  noFailures,
  nobody,
  type DueReport,
  type HeldReason,
  type MessageState,
  type RecipientState,
} from '../core/state.ts';
import { slotOf } from './slots.ts';

/**
 * `ready`: due at `slot`. `claimed`: in the hands of a process. `held`: parked until an operator
 * decides or it expires. `finished`: a tombstone, so that a late redelivery finds what was done.
 */
export type ShelfState = 'ready' | 'claimed' | 'held' | 'finished';

/** One message on the shelf. Nothing personal is in clear; `_id` is the message id. */
export interface ShelfDocument {
  _id: string;
  tenant: string;
  kind: MailHeaders['kind'];
  state: ShelfState;
  slot: number;
  /** Whose it is while `claimed`, and since when by the database's clock. */
  claim?: string;
  claimedAt?: Date;
  acceptedAt: number;
  expiresAt: number;
  nextAt: number;
  /** How often handling has begun without an end; see the lane. */
  handlings: number;
  reason?: HeldReason;
  heldAt?: number;
  /** The sealed body of the broker message, as it came. */
  content: Buffer;
  /** What follows is absent until the message was opened for the first time. */
  senderIndex?: string;
  spool?: { id: string; chunks: number } | null;
  recipients?: RecipientState[];
  /** Reports that are written but not yet on the shelf themselves. */
  reports?: DueReport[];
}

export type ShelfModel = Model<ShelfDocument>;

/** The document of a message that nobody has in hand. */
export function documentOf(state: MessageState, content: Buffer): ShelfDocument {
  const { id: _id, tenant, kind, acceptedAt, expiresAt } = state;
  return {
    _id,
    tenant,
    kind,
    acceptedAt,
    expiresAt,
    content,
    ...waitingFields(state),
    ...fieldsOf(state),
  };
}

/** What a document says of a message in its own words. */
export function stateOf(document: ShelfDocument): MessageState {
  const { _id: id, tenant, kind, acceptedAt, expiresAt, nextAt, handlings } = document;
  const { recipients, senderIndex, spool } = document;
  return {
    id,
    tenant,
    kind,
    acceptedAt,
    expiresAt,
    isStored: true,
    nextAt,
    handlings,
    ...(recipients !== undefined &&
      senderIndex !== undefined && { opened: { recipients, senderIndex, spool: spool ?? null } }),
    reports: document.reports ?? [],
    failures: noFailures,
    untold: nobody,
  };
}

type Update = Partial<ShelfDocument> & Record<`recipients.${number}`, RecipientState>;

/** What has changed between two states of one message, field by field; recipients each at its place. */
export function changesBetween(before: MessageState, after: MessageState): Update {
  const update: Update = {};
  if (after.handlings !== before.handlings) update.handlings = after.handlings;
  if (after.reports !== before.reports) update.reports = [...after.reports];
  if (before.opened === undefined) return { ...update, ...openedFields(after) };
  for (const [n, recipient] of (after.opened?.recipients ?? []).entries()) {
    if (recipient !== before.opened.recipients[n]) update[`recipients.${n}`] = recipient;
  }
  return update;
}

/** What is written when a process lets go of a message: it waits for its time, or is held. */
export function waitingFields({
  held,
  nextAt,
  expiresAt,
}: MessageState): Pick<ShelfDocument, 'state' | 'slot' | 'nextAt' | 'reason' | 'heldAt'> {
  if (held === undefined) return { state: 'ready', slot: slotOf(nextAt), nextAt };
  const { reason, at: heldAt } = held;
  return { state: 'held', slot: slotOf(expiresAt), nextAt, reason, heldAt };
}

const fieldsOf = (state: MessageState) => ({
  handlings: state.handlings,
  ...openedFields(state),
  ...(state.reports.length > 0 && { reports: [...state.reports] }),
});

function openedFields({
  opened,
}: MessageState): Partial<Pick<ShelfDocument, 'recipients' | 'senderIndex' | 'spool'>> {
  if (opened === undefined) return {};
  const { recipients, senderIndex, spool } = opened;
  return { recipients: [...recipients], senderIndex, spool };
}

/** The collection `shelf` of delivery's database. */
export function shelfModel(database: Connection): ShelfModel {
  const row = new Schema<RecipientState>(
    {
      n: { type: Number, required: true },
      status: { type: String, required: true },
      rev: { type: Number, required: true },
      index: { type: String, required: true },
      facts: { type: Buffer, required: true },
      attempts: { type: [Buffer], required: true },
      tries: { type: Number, required: true },
      dueAt: { type: Number, required: true },
      dsn: String,
    },
    { _id: false },
  );
  const report = new Schema<DueReport>(
    { id: { type: String, required: true }, content: { type: Buffer, required: true } },
    { _id: false },
  );
  const schema = new Schema<ShelfDocument>(
    {
      _id: { type: String, required: true },
      tenant: String,
      kind: String,
      state: { type: String, required: true, enum: ['ready', 'claimed', 'held', 'finished'] },
      slot: { type: Number, required: true },
      claim: String,
      claimedAt: Date,
      acceptedAt: Number,
      expiresAt: Number,
      nextAt: Number,
      handlings: Number,
      reason: String,
      heldAt: Number,
      content: Buffer,
      senderIndex: String,
      spool: new Schema({ id: String, chunks: Number }, { _id: false }),
      recipients: { type: [row], default: undefined },
      reports: { type: [report], default: undefined },
    },
    { versionKey: false, collection: 'shelf' },
  );
  // The only index of the daily work: claims, lost claims, expiry of held mail and removal of
  // tombstones all ask for one state and a range of slots.
  schema.index({ state: 1, slot: 1 });
  // For erasures alone: without it each batch of a purge would read the whole shelf. Tombstones have
  // no tenant, and so no entry.
  schema.index({ tenant: 1 }, { sparse: true });
  return database.model<ShelfDocument>('Shelf', schema);
}
