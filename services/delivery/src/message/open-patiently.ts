import { setTimeout as sleep } from 'node:timers/promises';
import { TenantUnavailable } from '@mysmtp/contracts';
import type { OpenMessage } from './open.ts';

const every = 1_000;

/**
 * Opens a message and waits a while where its key cannot be had: privacy is back in a moment more
 * often than not, and what waits here fills the window, which is what stops the intake meanwhile.
 */
export function openPatiently(
  open: OpenMessage,
  patience: number,
  stopping: AbortSignal,
): OpenMessage {
  return async (header, sealed) => {
    for (let waited = 0; ; waited += every) {
      try {
        return await open(header, sealed);
      } catch (error) {
        const worthIt = error instanceof TenantUnavailable && error.passes && waited < patience;
        if (!worthIt || stopping.aborted) throw error;
        await sleep(every, undefined, { signal: stopping }).catch(() => undefined);
      }
    }
  };
}
