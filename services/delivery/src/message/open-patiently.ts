import { TenantUnavailable } from '@mysmtp/contracts';
import { retry } from '@mysmtp/retry';
import type { OpenMessage } from './open.ts';

const delays = { first: 1_000, longest: 1_000 } as const;

/**
 * Opens a message and waits a while where its key cannot be had: privacy is back in a moment more
 * often than not, and what waits here fills the window, which is what stops the intake meanwhile.
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
