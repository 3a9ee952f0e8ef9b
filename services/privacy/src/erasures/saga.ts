import { CodedError, reader, Subject, type SubjectKind } from '@mysmtp/contracts';
import type { ErasureDocument, Step } from './ledger.ts';
import type { SagaDeps, Turn } from './deps.ts';
import { erasedCategories, subProcessorsToTell, type Notices } from '../recipients/notified.ts';
import { fence } from './steps/fence.ts';
import { lift } from './steps/lift.ts';
import { plant } from './steps/plant.ts';
import { purge } from './steps/purge.ts';
import { shred } from './steps/shred.ts';
import { sweep, sweepAgain, sweepPerson } from './steps/sweep.ts';

type OpenStep = Exclude<Step, 'completed_live'>;
type Act<Kind extends SubjectKind> = (
  erasure: ErasureDocument<Kind>,
  deps: SagaDeps,
) => Promise<Turn>;

type Walk<Kind extends SubjectKind> = Readonly<Partial<Record<OpenStep, Act<Kind>>>>;

/**
 * The steps of an erasure (docs/flow.md), by kind of subject. Each step is idempotent and returns what it
 * still waits for.
 */
const walks: { readonly [Kind in SubjectKind]: Walk<Kind> } = {
  tenant: {
    planting: plant,
    fencing: fence,
    purging: purge,
    sweeping: sweep,
    shredding: shred,
    sweeping_again: sweepAgain,
  },
  person: {
    planting: plant,
    fencing: fence,
    purging: purge,
    sweeping: sweepPerson,
    lifting: lift,
  },
};

async function act(erasure: ErasureDocument, step: OpenStep, deps: SagaDeps): Promise<Turn> {
  // A newer release wrote it. Without this check the whole tenant would be erased.
  const isKnown = reader(Subject).safeParse(erasure.subject).success;
  if (!isKnown) return { waitingFor: [], refused: ['a release that knows this kind of subject'] };
  const choose = <Kind extends SubjectKind>(kind: Kind, of: ErasureDocument<Kind>) =>
    walks[kind][step]?.(of, deps);
  if (erasure.subject.kind === 'person' && (await isTenantErased(erasure, deps))) {
    return { next: 'completed_live', changes: { completedAt: new Date(deps.clock.now()) } };
  }
  const turn = choose(erasure.subject.kind, erasure);
  if (turn === undefined) throw new CodedError('internal_fault', `There is no step ${step}`);
  return turn;
}

/** Everything of the person is erased with the tenant, by the certificate of the tenant. */
async function isTenantErased(
  { subject: { tenant } }: ErasureDocument,
  { tenants }: SagaDeps,
): Promise<boolean> {
  return (await tenants.exists({ _id: tenant, state: 'erased' })) !== null;
}

/** Does as much of an erasure as is possible now, and stores the progress. */
export async function advance(erasure: ErasureDocument, deps: SagaDeps): Promise<void> {
  const { ledger, clock, log } = deps;
  for (let current = erasure; current.step !== 'completed_live';) {
    const { _id, step } = current;
    const turn = await act(current, step, deps).catch((error: unknown): Turn => {
      log.error('erasure.turn_failed', { erasure: _id, status: step, error });
      return { waitingFor: [`step ${step}`] };
    });
    if ('waitingFor' in turn) return note(current, turn, deps);
    const now = new Date(clock.now());
    const next = { step: turn.next, since: now, askedAt: null, asked: 0, silent: [] };
    const notices =
      turn.next === 'completed_live' ? noticesOf({ ...current, ...turn.changes }, deps) : {};
    // Another process may have done the same step. The step in the filter decides which update counts.
    const after = await ledger
      .findOneAndUpdate(
        { _id, step },
        { ...next, ...turn.changes, ...notices },
        { returnDocument: 'after' },
      )
      .lean();
    if (after === null) return;
    log.info('erasure.step_done', { erasure: _id, status: after.step, reason: step });
    current = after;
  }
}

/**
 * The sub-processors that may have copies of what was erased (GDPR Art. 19, 28(4)). A request of a person tells
 * them itself. Without a certificate nothing was erased: the erasure of the whole tenant was faster.
 */
function noticesOf(
  { subject: { kind }, request, substitute, certificate }: ErasureDocument,
  { facts, clock }: SagaDeps,
): Partial<Notices> {
  if (request !== undefined || substitute === true || certificate === null) return {};
  return subProcessorsToTell(erasedCategories(kind), 'erasure', { facts, now: clock.now() });
}

/** Records what the erasure waits for if that takes too long, and at once what is refused. */
async function note(
  { _id, step, since, silent }: ErasureDocument,
  { waitingFor, refused = [] }: Extract<Turn, { waitingFor: unknown }>,
  { ledger, clock, log, patience }: SagaDeps,
): Promise<void> {
  const overdue = clock.now() - since.getTime() > patience ? waitingFor : [];
  const late = [...overdue, ...refused].sort();
  if (late.join() === silent.join()) return;
  await ledger.updateOne({ _id, step }, { silent: late });
  for (const store of late) log.error('erasure.silent', { erasure: _id, store, status: step });
}
