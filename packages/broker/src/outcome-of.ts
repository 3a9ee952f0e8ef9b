import { TenantUnavailable } from '@mysmtp/contracts';
import type { Outcome } from './consumer.ts';

/**
 * The outcome for a message if its tenant cannot be served. Any other error is thrown on. If the tenant's
 * fence is applied here, `dropped` counts the message for the erasure before the message is acknowledged. If
 * a later attempt may succeed, or if the fence has not arrived yet, the message returns to the queue;
 * otherwise the drop would not be counted. If the key is destroyed, the message can never be read and is
 * dead-lettered for an operator.
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
