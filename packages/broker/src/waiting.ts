import { addAbortListener } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ChannelModel } from 'amqplib';
import pTimeout from 'p-timeout';

/** Between two attempts, doubled from one to the next. Milliseconds. */
const shortestPause = 100;
const longestPause = 2_000;

/** The pauses between attempts: each twice as long as the one before, until `reset`. */
export function createPauses() {
  let failures = 0;
  return {
    reset: () => void (failures = 0),
    async next(signal: AbortSignal): Promise<void> {
      const pause = Math.min(longestPause, shortestPause * 2 ** failures);
      failures += 1;
      // Not all at the same time: the broker has many clients.
      const varied = pause * (0.8 + 0.4 * Math.random());
      await sleep(varied, undefined, { signal }).catch(() => undefined);
    },
  };
}

export const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    addAbortListener(signal, () => resolve(undefined));
  });

/**
 * Closes a channel or a connection and waits for its end; false if the broker does not answer within
 * `patience` (milliseconds). The promise of amqplib never settles if the connection breaks before that,
 * so the event counts.
 */
export async function closeAndWait(
  open: Channel | ChannelModel,
  patience: number,
): Promise<boolean> {
  const ended = new Promise<boolean>((resolve) => {
    open.once('close', () => resolve(true));
    // Rejects if it is closed already.
    open.close().catch(() => resolve(true));
  });
  return (await pTimeout(ended, { milliseconds: patience, message: false })) ?? false;
}
