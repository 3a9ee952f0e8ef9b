import type { Envelope, MailHeaders } from '@mysmtp/contracts';
import { Schema, type Connection, type Model } from 'mongoose';
import type { Row } from './rows.ts';
import { slotOf } from './slots.ts';

/**
 * `ready`: due at `slot`. `claimed`: in the hands of a process. `held`: parked until an operator
 * decides or it expires. `finished`: a tombstone, so that a late redelivery finds what was done.
 */
export type ShelfState = 'ready' | 'claimed' | 'held' | 'finished';

/** Why a message is `held`. A `canary` is none of the operator's: it waits for the erasure that planted it. */
export type HeldReason = 'unreadable' | 'handling_failed' | 'canary';

/** A report (RFC 3464) about failures of this message: sealed, with an id that every replay finds again. */
export interface DueReport {
  readonly id: string;
  readonly content: Buffer;
}

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
  /** How often it was dialled or would have been: decides how long the next wait is. */
  tries: number;
  /** How often handling has begun without an end; see the lane. */
  handlings: number;
  reason?: HeldReason;
  heldAt?: number;
  /** The sealed body of the broker message, as it came. */
  content: Buffer;
  /** What follows is absent until the message was opened for the first time. */
  senderIndex?: string;
  spool?: { id: string; chunks: number } | null;
  recipients?: Row[];
  /** Reports that are written but not yet on the shelf themselves. */
  reports?: DueReport[];
}

/** What a document has in clear of the message, once it was opened. */
export function openedFields(
  envelope: Envelope,
  recipients: Row[],
): Required<Pick<ShelfDocument, 'recipients' | 'senderIndex' | 'spool'>> {
  return { recipients, senderIndex: envelope.senderIndex, spool: envelope.spool };
}

export type ShelfModel = Model<ShelfDocument>;

/** A message as it goes on the shelf, due at `nextAt`. */
export function newDocument(
  header: Pick<ShelfDocument, 'tenant' | 'kind'> & { readonly id: string },
  content: Buffer,
  times: { readonly acceptedAt: number; readonly nextAt: number; readonly expiry: number },
): ShelfDocument {
  const { acceptedAt, nextAt, expiry } = times;
  return {
    _id: header.id,
    tenant: header.tenant,
    kind: header.kind,
    state: 'ready',
    slot: slotOf(nextAt),
    acceptedAt,
    expiresAt: acceptedAt + expiry,
    nextAt,
    tries: 0,
    handlings: 0,
    content,
  };
}

/** The collection `shelf` of delivery's database. */
export function shelfModel(database: Connection): ShelfModel {
  const row = new Schema<Row>(
    {
      n: { type: Number, required: true },
      status: { type: String, required: true },
      rev: { type: Number, required: true },
      index: { type: String, required: true },
      facts: { type: Buffer, required: true },
      attempts: { type: [Buffer], required: true },
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
      state: { type: String, required: true },
      slot: { type: Number, required: true },
      claim: String,
      claimedAt: Date,
      acceptedAt: Number,
      expiresAt: Number,
      nextAt: Number,
      tries: Number,
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
