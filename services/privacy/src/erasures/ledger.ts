import { erasureSteps } from '@mysmtp/api';
import {
  subjectKinds,
  type Canaries,
  type Subject,
  type SubjectKind,
  type SubjectOf,
  day,
  type Fence,
  type Standing,
} from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type Model } from 'mongoose';

export type Step = (typeof erasureSteps)[number];

export interface Sweep {
  readonly at: Date;
  readonly found: readonly { readonly store: string; readonly count: number }[];
}

export interface LastWrappedKey {
  readonly epoch: string;
  readonly wrapped: string | null;
}

/** One request for erasure: its entry in the ledger, with its progress. */
export interface ErasureDocument<Kind extends SubjectKind = SubjectKind> {
  /** Id of the request. */
  readonly _id: string;
  readonly subject: SubjectOf<Kind>;
  readonly commitment: string;
  readonly step: Step;
  readonly requestedAt: Date;
  /** When it entered this step. */
  readonly since: Date;
  /** When the services were last asked in this step, and how often. */
  readonly askedAt: Date | null;
  readonly asked: number;
  /** What it has waited for too long: stores, and `fence of SERVICE`. */
  readonly silent: readonly string[];
  /** Stores in which a sweep found something after the purge. */
  readonly leftovers: readonly string[];
  readonly canaries: Partial<Canaries>;
  /** Stores in which the verifier found the canary. */
  readonly seen: readonly string[];
  /** The version of the coverage for `seen`; `null` until a store was seen. */
  readonly seenUnder: number | null;
  readonly raisedAt: Date | null;
  readonly sweeps: readonly Sweep[];
  /** The tenant's key as last wrapped, until all roots were tried on it; then only the id of its root. */
  readonly lastWrappedKey: LastWrappedKey | null;
  readonly destroyedKeys: readonly string[];
  readonly triedRoots: readonly string[];
  readonly certificate: string | null;
  readonly completedAt: Date | null;
  /** The process that works on it, and until when no other process starts. */
  readonly lease: string | null;
  readonly leasedUntil: Date | null;
}

export type Ledger = Model<ErasureDocument>;

const text = { type: String, default: null };
const moment = { type: Date, default: null };

const schema = new Schema<ErasureDocument>(
  {
    _id: { type: String, required: true },
    subject: {
      type: new Schema(
        {
          kind: { type: String, required: true, enum: subjectKinds },
          tenant: { type: String, required: true },
        },
        { _id: false },
      ),
      required: true,
    },
    commitment: { type: String, required: true },
    step: { type: String, required: true, enum: erasureSteps },
    requestedAt: { type: Date, required: true },
    since: { type: Date, required: true },
    askedAt: moment,
    asked: { type: Number, default: 0 },
    silent: [String],
    leftovers: [String],
    canaries: {
      type: new Schema(
        { domain: String, credential: String, token: String, message: String, letter: String },
        { _id: false },
      ),
      default: {},
    },
    seen: [String],
    seenUnder: { type: Number, default: null },
    raisedAt: moment,
    sweeps: [
      new Schema(
        {
          at: Date,
          found: [new Schema({ store: String, count: Number }, { _id: false })],
        },
        { _id: false },
      ),
    ],
    lastWrappedKey: {
      type: new Schema({ epoch: String, wrapped: text }, { _id: false }),
      default: null,
    },
    destroyedKeys: [String],
    triedRoots: [String],
    certificate: text,
    completedAt: moment,
    lease: text,
    leasedUntil: moment,
  },
  { collection: 'erasures', versionKey: false, minimize: false },
)
  // A tenant is erased once. Another kind of subject needs an index of its own.
  .index(
    { 'subject.tenant': 1 },
    { unique: true, partialFilterExpression: { 'subject.kind': 'tenant' } },
  )
  .index({ step: 1 })
  .index({ requestedAt: 1 });

export async function openLedger(connection: Connection): Promise<Ledger> {
  const model = connection.model<ErasureDocument>('Erasure', schema);
  await openCollection(model);
  return model;
}

/** The condition of entries about this subject. */
export const aboutSubject = (subject: Subject): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(subject).map(([name, value]) => [`subject.${name}`, value]));

export type ErasureState = Step | 'partial' | 'failed';

/**
 * The state for an operator: the step, unless something blocks the erasure. It continues by itself as
 * soon as it can. `failed` means that an operator must find out why a store still has data after its
 * purge.
 */
export function stateOf({ step, silent, leftovers }: ErasureDocument): ErasureState {
  if (step === 'completed_live') return step;
  if (leftovers.length > 0) return 'failed';
  return silent.length > 0 ? 'partial' : step;
}

/** Longer than any data of a tenant may wait anywhere: mail and its keys are kept for days. */
const remembered = 30 * day;

/** The fences that every process must apply, including those of recently finished erasures. */
export async function standingFences(ledger: Ledger, clock: { now(): number }): Promise<Fence[]> {
  const found = await ledger
    .find(
      {
        // A newer release wrote entries of other kinds. The saga reports that they wait for that release.
        'subject.kind': { $in: subjectKinds },
        step: { $ne: 'planting' },
        $or: [{ completedAt: null }, { completedAt: { $gt: new Date(clock.now() - remembered) } }],
      },
      { subject: 1 },
    )
    .lean();
  return found.map(({ _id: erasure, subject }) => ({ erasure, subject }));
}

/** What services may do in each step. A fence is valid from the moment that it is raised. */
const mayIn: Readonly<Record<Step, Standing['may']>> = {
  planting: ['plant'],
  fencing: ['fence'],
  purging: ['fence', 'purge'],
  sweeping: ['fence'],
  shredding: ['fence'],
  sweeping_again: ['fence'],
  completed_live: ['fence'],
};

/** Whether this request exists for this subject, and what may be done for it now. */
export async function standingOf(ledger: Ledger, { erasure, subject }: Fence): Promise<Standing> {
  const wanted = { _id: erasure, ...aboutSubject(subject) };
  const found = await ledger.findOne(wanted, { step: 1 }).lean();
  return found === null ? { known: false, may: [] } : { known: true, may: mayIn[found.step] };
}
