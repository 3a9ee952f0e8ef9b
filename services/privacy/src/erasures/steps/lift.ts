import { routingKeys } from '@mysmtp/contracts';
import { fenceOf, type ErasureDocument } from '../ledger.ts';
import { resendUntilAnswered, type ErasureMessage } from '../resend.ts';
import type { SagaDeps, Turn } from '../deps.ts';

/**
 * Ends the fence of a person for mail that is accepted from now on. Nobody answers: a process that misses the
 * broadcast refuses mail for the person for longer, until it requests the current fences.
 */
export async function lift(erasure: ErasureDocument<'person'>, deps: SagaDeps): Promise<Turn> {
  if (erasure.asked > 0) return { next: 'completed_live' };
  const broadcast: ErasureMessage = {
    key: routingKeys.fenceRaised,
    sign: (signed) => signed.sign('fence', { v: 1, ...fenceOf(erasure) }),
    persistent: false,
  };
  await resendUntilAnswered(erasure, [broadcast], deps);
  return { waitingFor: ['lifting'] };
}
