import { day, subjectKinds, type Fence, type Standing } from '@mysmtp/contracts';
import { aboutSubject, type Ledger, type Step } from './ledger.ts';

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
