import { beforeFirst, digestOf, type ChainEntry, type Position } from '@mysmtp/audit';
import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type mongo } from 'mongoose';

/** An entry of the chain, and beside it what is deleted before it. */
export interface StoredEntry extends Omit<ChainEntry, 'seq'> {
  /** The number of the entry. */
  readonly _id: number;
  /** Id of the event: no event is chained twice. */
  readonly event: string;
  /** Whose payload it is; absent with the payload, and for the operators' realm. */
  readonly tenant?: string;
  /** Salt and payload, sealed together: neither is of use without the other. Absent once deleted. */
  readonly sealed?: mongo.Binary | Buffer;
  /** When the payload must be deleted. */
  readonly until?: number;
  /** The sealed full address of the client, and when it must be deleted. */
  readonly client?: mongo.Binary | Buffer;
  readonly clientUntil?: number;
}

export type AuditEntries = mongo.Collection<StoredEntry>;

const schema = new Schema(
  {
    _id: { type: Number, required: true },
    time: { type: Number, required: true },
    type: { type: String, required: true },
    prev: { type: String, required: true },
    keyId: { type: String, required: true },
    commitment: { type: String, required: true },
    mac: { type: String, required: true },
    event: { type: String, required: true },
    tenant: { type: String },
    sealed: { type: Schema.Types.Buffer },
    until: { type: Number },
    client: { type: Schema.Types.Buffer },
    clientUntil: { type: Number },
  },
  { versionKey: false },
)
  .index({ event: 1 }, { unique: true })
  .index({ tenant: 1, _id: 1 })
  .index({ time: 1 })
  .index({ type: 1, time: 1 })
  .index({ until: 1 })
  .index({ clientUntil: 1 });

export async function openAuditEntries(connection: Connection): Promise<AuditEntries> {
  const model =
    connection.models['AuditEntry'] ?? connection.model('AuditEntry', schema, 'auditEntries');
  await openCollection(model);
  return model.collection as unknown as AuditEntries;
}

export const entryOf = ({
  _id: seq,
  time,
  type,
  prev,
  keyId,
  commitment,
  mac,
}: StoredEntry): ChainEntry => ({ seq, time, type, prev, keyId, commitment, mac });

/** The end of the chain as it is in the database. */
export async function endOfChain(entries: AuditEntries): Promise<Position> {
  const [last] = await entries.find().sort({ _id: -1 }).limit(1).toArray();
  if (last === undefined) return beforeFirst;
  return { seq: last._id, time: last.time, digest: digestOf(entryOf(last)) };
}

/** The name to which the sealed payload of an event is bound. */
export const payloadRecord = (event: string): string => `audit:${event}`;
