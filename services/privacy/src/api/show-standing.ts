import { internalApis } from '@mysmtp/contracts';
import { implement, type Route } from '@mysmtp/http';
import { standingOf } from '../erasures/fences.ts';
import type { Ledger } from '../erasures/ledger.ts';

export function showStandingRoute(ledger: Ledger): Route {
  return implement(
    internalApis.standing,
    'Whether a request for erasure stands, for a process that was told to do something for it',
    (fence) => standingOf(ledger, fence),
  );
}
