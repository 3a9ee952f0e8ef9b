import { addAbortListener } from 'node:events';
import type { Channel, ChannelModel } from 'amqplib';
import pTimeout from 'p-timeout';

/** Between two attempts to open a connection or a channel. */
export const delays = { first: 100, longest: 2_000 } as const;

export const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    addAbortListener(signal, () => resolve(undefined));
  });

/**
 * Closes a channel or a connection and waits for its end; false if the broker does not answer within
 * `patience` (milliseconds). The promise of amqplib never settles if the connection breaks before that, so
 * this function waits for the event.
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
