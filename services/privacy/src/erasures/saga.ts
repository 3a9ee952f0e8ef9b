import { reader, Subject, type SubjectKind } from '@mysmtp/contracts';
import type { ErasureDocument, Step } from './ledger.ts';
import type { SagaMeans, Turn } from './means.ts';
import { fence } from './steps/fence.ts';
import { plant } from './steps/plant.ts';
import { purge } from './steps/purge.ts';
import { shred } from './steps/shred.ts';
import { sweep } from './steps/sweep.ts';
import { sweepAgain } from './steps/sweep-again.ts';

type OpenStep = Exclude<Step, 'completed_live'>;
type Act<Kind extends SubjectKind> = (
  erasure: ErasureDocument<Kind>,
  means: SagaMeans,
) => Promise<Turn>;

/**
 * The walk of an erasure (docs/flow.md), by kind of subject. Each act does its step from the start
 * whenever it is called, changes nothing that is done, and says what it still waits for.
 */
const walks: { readonly [Kind in SubjectKind]: Readonly<Record<OpenStep, Act<Kind>>> } = {
  tenant: {
    planting: plant,
    fencing: fence,
    purging: purge,
    sweeping: sweep,
    shredding: shred,
    sweeping_again: sweepAgain,
  },
};

async function act(erasure: ErasureDocument, step: OpenStep, means: SagaMeans): Promise<Turn> {
  // A newer release has written it. As a tenant it would be erased whole.
  const isKnown = reader(Subject).safeParse(erasure.subject).success;
  if (!isKnown) return { waitingFor: [], refused: ['a release that knows this kind of subject'] };
  const choose = <Kind extends SubjectKind>(kind: Kind, of: ErasureDocument<Kind>) =>
    walks[kind][step](of, means);
  return choose(erasure.subject.kind, erasure);
}

/** Does as much of an erasure as can be done now, and writes down how far it is. */
export async function advance(erasure: ErasureDocument, means: SagaMeans): Promise<void> {
  const { ledger, clock, log } = means;
  for (let current = erasure; current.step !== 'completed_live';) {
    const { _id, step } = current;
    const turn = await act(current, step, means).catch((error: unknown): Turn => {
      log.error('erasure.turn_failed', { erasure: _id, status: step, error });
      return { waitingFor: [`step ${step}`] };
    });
    if ('waitingFor' in turn) return note(current, turn, means);
    const now = new Date(clock.now());
    const next = { step: turn.next, since: now, askedAt: null, asked: 0, silent: [] };
    // Whoever else is at it has come to the same: the step it was in decides whose word counts.
    const after = await ledger
      .findOneAndUpdate({ _id, step }, { ...next, ...turn.changes }, { returnDocument: 'after' })
      .lean();
    if (after === null) return;
    log.info('erasure.step_done', { erasure: _id, status: after.step, reason: step });
    current = after;
  }
}

/** Notes for whom it waits, once that takes longer than it should, and at once what is refused. */
async function note(
  { _id, step, since, silent }: ErasureDocument,
  { waitingFor, refused = [] }: Extract<Turn, { waitingFor: unknown }>,
  { ledger, clock, log, patience }: SagaMeans,
): Promise<void> {
  const overdue = clock.now() - since.getTime() > patience ? waitingFor : [];
  const late = [...overdue, ...refused].sort();
  if (late.join() === silent.join()) return;
  await ledger.updateOne({ _id, step }, { silent: late });
  for (const store of late) log.error('erasure.silent', { erasure: _id, store, status: step });
}
