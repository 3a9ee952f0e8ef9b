import { internalApis } from '@mysmtp/contracts';
import { implement, type Route } from '@mysmtp/http';
import { standingFences } from '../erasures/fences.ts';
import type { Ledger } from '../erasures/ledger.ts';

export function listFencesRoute(ledger: Ledger, clock: { now(): number }): Route {
  return implement(
    internalApis.fences,
    'The tenants for whom nothing may be written, for a process that may have missed a broadcast',
    async () => ({ fences: await standingFences(ledger, clock) }),
  );
}
