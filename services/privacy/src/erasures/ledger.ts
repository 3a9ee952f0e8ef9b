import { erasureSteps } from '@mysmtp/api';
import {
  subjectKinds,
  type Hold,
  type SomeCanaries,
  type Subject,
  type SubjectKind,
  type SubjectOf,
  day,
  type Fence,
  type Standing,
} from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type Model } from 'mongoose';
import { dueIndex, noticeFields, type Notices } from '../recipients/notified.ts';

export type Step = (typeof erasureSteps)[number];

export interface Sweep {
  readonly at: Date;
  readonly found: readonly { readonly store: string; readonly count: number }[];
}

export interface LastWrappedKey {
  readonly epoch: string;
  readonly wrapped: string | null;
}

interface ErasureEntry extends Partial<Notices> {
  /** Id of the request. */
  readonly _id: string;
  readonly commitment: string;
  /** The request for erasure of a person, if one is in the ledger of requests. */
  readonly request?: string;
  /** Of a person: what legal holds keep. */
  readonly holds?: readonly Hold[];
  /** It exists to confirm stores for another erasure, and is about nobody. Nobody is told of it. */
  readonly substitute?: boolean;
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
  readonly canaries: SomeCanaries;
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

/** One request for erasure: its entry in the ledger, with its progress. */
export type ErasureDocument<Kind extends SubjectKind = SubjectKind> = ErasureEntry & {
  readonly subject: SubjectOf<Kind>;
};

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
          person: String,
        },
        { _id: false },
      ),
      required: true,
    },
    commitment: { type: String, required: true },
    request: String,
    holds: {
      type: [new Schema({ store: String, ground: String, until: String }, { _id: false })],
      default: undefined,
    },
    substitute: Boolean,
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
    ...noticeFields,
  },
  { collection: 'erasures', versionKey: false, minimize: false },
)
  // A tenant is erased once, a person as often as requested.
  .index(
    { 'subject.tenant': 1 },
    { unique: true, partialFilterExpression: { 'subject.kind': 'tenant' } },
  )
  .index({ 'subject.tenant': 1, 'subject.person': 1 })
  .index({ request: 1 }, { sparse: true })
  .index({ step: 1 })
  .index(...dueIndex)
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

/** In place of the blind index of a person whose fence is not needed any more. */
export const forgotten = 'forgotten';

/**
 * The fence of an erasure. That of a person ends with it for later mail. The time is that of the fence,
 * because no message that was accepted before it got its 250 after it.
 */
export const fenceOf = ({
  _id: erasure,
  subject,
  step,
  raisedAt,
}: Pick<ErasureDocument, '_id' | 'subject' | 'step' | 'raisedAt'>): Fence => {
  const isLifted = subject.kind === 'person' && (step === 'lifting' || step === 'completed_live');
  return isLifted ? { erasure, subject, before: raisedAt?.getTime() ?? 0 } : { erasure, subject };
};

/** The fences that every process must apply, including those of recently finished erasures. */
export async function standingFences(ledger: Ledger, clock: { now(): number }): Promise<Fence[]> {
  const found = await ledger
    .find(
      {
        // A newer release wrote entries of other kinds. The saga reports that they wait for that release.
        'subject.kind': { $in: subjectKinds },
        'subject.person': { $ne: forgotten },
        step: { $ne: 'planting' },
        $or: [{ completedAt: null }, { completedAt: { $gt: fencesBefore(clock) } }],
      },
      { subject: 1, step: 1, raisedAt: 1 },
    )
    // The newest fence of a person is the last, and valid.
    .sort({ requestedAt: 1 })
    .lean();
  return found.map(fenceOf);
}

/** How long the fence of a completed erasure is kept. */
export const fencesBefore = (clock: { now(): number }): Date => new Date(clock.now() - remembered);

/** What services may do in each step. A fence is valid from the moment that it is raised. */
const mayIn: Readonly<Record<Step, Standing['may']>> = {
  planting: ['plant'],
  fencing: ['fence'],
  purging: ['fence', 'purge'],
  sweeping: ['fence'],
  shredding: ['fence'],
  sweeping_again: ['fence'],
  lifting: ['lift'],
  completed_live: ['fence'],
};

/** Whether this request exists for this subject, and what may be done for it now. */
export async function standingOf(ledger: Ledger, { erasure, subject }: Fence): Promise<Standing> {
  const wanted = { _id: erasure, ...aboutSubject(subject) };
  const found = await ledger.findOne(wanted, { step: 1 }).lean();
  if (found === null) return { known: false, may: [] };
  const isLifted = subject.kind === 'person' && found.step === 'completed_live';
  return { known: true, may: mayIn[isLifted ? 'lifting' : found.step] };
}
