import { day, type Fence, type Standing } from '@mysmtp/contracts';
import type { Ledger, Step } from './ledger.ts';

/** Longer than anything of a tenant may wait anywhere: mail and its keys live for days. */
const remembered = 30 * day;

/** The fences that every process has to know, those of finished erasures for a while included. */
export async function standingFences(ledger: Ledger, clock: { now(): number }): Promise<Fence[]> {
  const found = await ledger
    .find(
      {
        step: { $ne: 'planting' },
        $or: [{ completedAt: null }, { completedAt: { $gt: new Date(clock.now() - remembered) } }],
      },
      { tenant: 1 },
    )
    .lean();
  return found.map(({ _id: erasure, tenant }) => ({ erasure, tenant }));
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

/** Whether this request was made for this tenant, and what may be done for it now. */
export async function standingOf(ledger: Ledger, { erasure, tenant }: Fence): Promise<Standing> {
  const found = await ledger.findOne({ _id: erasure, tenant }, { step: 1 }).lean();
  return found === null ? { known: false, may: [] } : { known: true, may: mayIn[found.step] };
}
