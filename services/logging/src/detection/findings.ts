import { day, type Severity } from '@mysmtp/contracts';
import { isDuplicateKey, openCollection } from '@mysmtp/service';
import { Schema, type Connection, type mongo } from 'mongoose';
import type { Finding } from './detector.ts';
import type { RuleName } from './rules.ts';

/** What was found. It has only our own ids and keyed hashes. */
export interface StoredFinding {
  /** The id of the event, which begins with its time, and the rule. */
  readonly _id: string;
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly at: number;
  readonly event: string;
  readonly about: string;
  readonly tenant: string | null;
  readonly subject: string | null;
  readonly count: number;
  /** Absent once it is in the audit chain, and the owners of the tenant are told. */
  readonly untold?: true;
}

export type FindingCollection = mongo.Collection<StoredFinding>;

/** How long a finding is kept. */
export const findingRetention = 366 * day;

const text = { type: String, required: true } as const;
const whole = { type: Number, required: true } as const;

const schema = new Schema(
  {
    _id: text,
    rule: text,
    severity: text,
    at: whole,
    event: text,
    about: text,
    tenant: { type: String, default: null },
    subject: { type: String, default: null },
    count: whole,
    untold: Boolean,
  },
  { versionKey: false },
)
  .index({ tenant: 1, _id: 1 })
  .index({ at: 1 })
  .index({ untold: 1 }, { sparse: true });

export async function openFindings(connection: Connection): Promise<FindingCollection> {
  const model = connection.models['Finding'] ?? connection.model('Finding', schema, 'findings');
  await openCollection(model);
  return model.collection as unknown as FindingCollection;
}

/** Writes a finding. Returns false if it is there already. */
export async function keepFinding(
  findings: FindingCollection,
  { id: _id, ...finding }: Finding,
): Promise<boolean> {
  try {
    await findings.insertOne({ _id, ...finding, untold: true });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
