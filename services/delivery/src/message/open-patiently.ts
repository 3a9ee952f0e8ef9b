import { TenantUnavailable } from '@mysmtp/contracts';
import { retry } from '@mysmtp/retry';
import type { OpenMessage } from './open.ts';

const delays = { first: 1_000, longest: 1_000 } as const;

/**
 * Opens a message, and waits for a while if its key is unavailable, because most outages of privacy are
 * short. Waiting messages fill the window. A full window stops the intake meanwhile.
 */
export function openPatiently(
  open: OpenMessage,
  patience: number,
  stopping: AbortSignal,
): OpenMessage {
  return (header, sealed) => {
    const end = performance.now() + patience;
    return retry(() => open(header, sealed), {
      ...delays,
      signal: stopping,
      shouldRetry: (error) =>
        error instanceof TenantUnavailable && error.passes && performance.now() < end,
    });
  };
}
