import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type Model } from 'mongoose';
import type { RootKind } from './days.ts';

/** The record of a root in the database: everything but the secret. */
export interface RootDocument {
  readonly _id: string;
  readonly kind: RootKind;
  /** `null` for an epoch. */
  readonly day: string | null;
  /** `null` until the vault has confirmed it. Until then no key is made with it. */
  readonly check: string | null;
  readonly createdAt: Date;
  /** Set before the root is destroyed. From then on nothing new is wrapped under it. */
  readonly retiredAt: Date | null;
  /** The vault has destroyed it. */
  readonly destroyedAt: Date | null;
}

const schema = new Schema<RootDocument>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    day: { type: String, default: null },
    check: { type: String, default: null },
    createdAt: { type: Date, required: true },
    retiredAt: { type: Date, default: null },
    destroyedAt: { type: Date, default: null },
  },
  { versionKey: false },
);

/** A few documents a day, kept as evidence of what was destroyed and when. */
export async function openRootModel(connection: Connection): Promise<Model<RootDocument>> {
  const model = connection.model<RootDocument>('Root', schema, 'roots');
  await openCollection(model);
  return model;
}
