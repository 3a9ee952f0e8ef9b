import { hour } from '@mysmtp/contracts';
import { retentionGauges, type Clock } from '@mysmtp/service';
import type { Registry } from 'prom-client';
import { findingRetention, type FindingCollection } from '../detection/findings.ts';

/** How late a due finding may be removed: two runs of the job. */
const grace = hour;
export const findingRetentionPeriod = grace / 2;

/** One run: removes the findings that are too old. */
export function createFindingRetention(deps: {
  readonly findings: FindingCollection;
  readonly clock: Clock;
  readonly metrics: Registry;
}): () => Promise<void> {
  const { findings, clock } = deps;
  const gauges = retentionGauges({
    ...deps,
    store: 'logging.findings',
    limit: findingRetention + grace,
  });
  return async () => {
    await findings.deleteMany({ at: { $lt: clock.now() - findingRetention } });
    gauges.update((await findings.findOne({}, { sort: { at: 1 } }))?.at);
  };
}
