import { TenantUnavailable } from '@mysmtp/contracts';
import type { Outcome } from './consumer.ts';

/**
 * What a consumer does with a message if its tenant cannot be served; any other error is thrown on.
 * `dropped` counts the message for the erasure whose fence has fallen here, before it is acknowledged.
 * The message goes back to the queue if a later attempt may succeed, and if the fence is still on its way
 * here: what was dropped before it comes would be counted by nobody. A message whose key is destroyed
 * never becomes readable: it goes where an operator sees it.
 */
export async function outcomeOf(
  error: unknown,
  dropped: (erasure: string) => Promise<void>,
): Promise<Outcome> {
  if (!(error instanceof TenantUnavailable)) throw error;
  if (error.erasure !== undefined) {
    await dropped(error.erasure);
    return 'ack';
  }
  return error.passes || error.reason === 'fenced' ? 'retry' : 'dead';
}
