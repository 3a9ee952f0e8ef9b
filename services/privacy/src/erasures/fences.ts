import { day, subjectKinds, type Fence, type Standing } from '@mysmtp/contracts';
import { aboutSubject, type Ledger, type Step } from './ledger.ts';

/** Longer than anything of a tenant may wait anywhere: mail and its keys live for days. */
const remembered = 30 * day;

/** The fences that every process has to know, those of finished erasures for a while included. */
export async function standingFences(ledger: Ledger, clock: { now(): number }): Promise<Fence[]> {
  const found = await ledger
    .find(
      {
        // An entry of another kind is of a newer release; the saga says that it waits for that one.
        'subject.kind': { $in: subjectKinds },
        step: { $ne: 'planting' },
        $or: [{ completedAt: null }, { completedAt: { $gt: new Date(clock.now() - remembered) } }],
      },
      { subject: 1 },
    )
    .lean();
  return found.map(({ _id: erasure, subject }) => ({ erasure, subject }));
}

/** What the others may do in each step; a fence stands from when it is raised. */
const mayIn: Readonly<Record<Step, Standing['may']>> = {
  planting: ['plant'],
  fencing: ['fence'],
  purging: ['fence', 'purge'],
  sweeping: ['fence'],
  shredding: ['fence'],
  sweeping_again: ['fence'],
  completed_live: ['fence'],
};

/** Whether this request was made for this subject, and what may be done for it now. */
export async function standingOf(ledger: Ledger, { erasure, subject }: Fence): Promise<Standing> {
  const wanted = { _id: erasure, ...aboutSubject(subject) };
  const found = await ledger.findOne(wanted, { step: 1 }).lean();
  return found === null ? { known: false, may: [] } : { known: true, may: mayIn[found.step] };
}
