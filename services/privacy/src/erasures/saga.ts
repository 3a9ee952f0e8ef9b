import type { ErasureDocument, Step } from './ledger.ts';
import type { SagaMeans, Turn } from './means.ts';
import { fence } from './steps/fence.ts';
import { plant } from './steps/plant.ts';
import { purge } from './steps/purge.ts';
import { shred } from './steps/shred.ts';
import { sweep } from './steps/sweep.ts';
import { sweepAgain } from './steps/sweep-again.ts';

type Act = (erasure: ErasureDocument, means: SagaMeans) => Promise<Turn>;

/**
 * The walk of an erasure (docs/flow.md). Each act does its step from the start whenever it is called,
 * changes nothing that is done, and says what it still waits for.
 */
const walk: Readonly<Record<Exclude<Step, 'completed_live'>, Act>> = {
  planting: plant,
  fencing: fence,
  purging: purge,
  sweeping: sweep,
  shredding: shred,
  sweeping_again: sweepAgain,
};

/** Does as much of an erasure as can be done now, and writes down how far it is. */
export async function advance(erasure: ErasureDocument, means: SagaMeans): Promise<void> {
  const { ledger, clock, log } = means;
  for (let current = erasure; current.step !== 'completed_live';) {
    const { _id, step } = current;
    const turn = await walk[step](current, means).catch((error: unknown): Turn => {
      log.error('erasure.turn_failed', { erasure: _id, status: step, error });
      return { waitingFor: [`step ${step}`] };
    });
    if ('waitingFor' in turn) return note(current, turn.waitingFor, means);
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

/** Notes for whom it waits, once that takes longer than it should. */
async function note(
  { _id, step, since, silent }: ErasureDocument,
  waitingFor: readonly string[],
  { ledger, clock, log, patience }: SagaMeans,
): Promise<void> {
  const late = clock.now() - since.getTime() > patience ? [...waitingFor].sort() : [];
  if (late.join() === silent.join()) return;
  await ledger.updateOne({ _id, step }, { silent: late });
  for (const store of late) log.error('erasure.silent', { erasure: _id, store, status: step });
}
