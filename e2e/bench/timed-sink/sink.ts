import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Moments } from '../client/moments.ts';
import { arrivals, type Sink } from '../sink.ts';
import type { SinkTask } from './thread.ts';

/**
 * A sink in a thread of this process, for what smtp-sink cannot do: it writes down the moment of each 250,
 * replies late, or defers mail of some recipients.
 */
export async function startTimedSink(
  port: number,
  how: { latency?: number; deferred?: string; moments?: Moments } = {},
): Promise<Sink & { deferred(): number }> {
  const counters = new Int32Array(new SharedArrayBuffer(8));
  const task: SinkTask = { port, latency: 0, ...how, counters };
  const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData: task });
  await once(thread, 'message');
  return {
    port,
    ...arrivals(() => Atomics.load(counters, 0)),
    deferred: () => Atomics.load(counters, 1),
    stop: async () => void (await thread.terminate()),
  };
}
