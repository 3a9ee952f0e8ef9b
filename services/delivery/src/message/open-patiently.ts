import { TenantUnavailable } from '@mysmtp/contracts';
import { retry } from '@mysmtp/retry';
import type { Message } from './message.ts';
import type { OpenMessage } from './open.ts';

type Header = Parameters<OpenMessage>[0];

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
  function again(error: unknown, header: Header, sealed: Buffer): Promise<Message> {
    if (!mayPass(error)) throw error;
    const end = performance.now() + patience;
    return retry(() => open(header, sealed), {
      ...delays,
      signal: stopping,
      shouldRetry: (failure) => mayPass(failure) && performance.now() < end,
    });
  }

  return (header, sealed) =>
    // Nearly every message opens at once, and the state of a retry costs as much as the opening.
    open(header, sealed).catch((error: unknown) => again(error, header, sealed));
}

const mayPass = (error: unknown): boolean => error instanceof TenantUnavailable && error.passes;
