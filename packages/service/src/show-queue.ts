import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkQueue } from '@mysmtp/contracts';
import { Gauge } from 'prom-client';
import { startJob } from './clockwork.ts';
import type { House } from './house.ts';

/** Whoever can ask the broker about a queue: its consumer. */
interface QueueReader {
  queueState(): Promise<{ readonly waiting: number }>;
}

const every = 10_000;
/** A broker that does not say within this time says nothing. Milliseconds. */
const patience = 2_000;

/**
 * Shows how much waits in a work queue, under the queue's id in the registry of personal data. Where
 * the broker does not answer nothing is shown: the last number would look like one of now.
 */
export function showQueue(
  house: Pick<House<unknown>, 'metrics' | 'clock' | 'log' | 'own'>,
  queue: WorkQueue,
  consumer: QueueReader,
): void {
  const name = 'mysmtp_queue_messages_waiting';
  const known = house.metrics.getSingleMetric(name) as Gauge<'store'> | undefined;
  const waiting =
    known ??
    new Gauge({
      name,
      help: 'Messages in a work queue that are with no consumer.',
      labelNames: ['store'],
      registers: [house.metrics],
    });
  const store = `queue.${queue.name}`;

  async function look(): Promise<void> {
    const state = await Promise.race([
      consumer.queueState().catch(() => undefined),
      sleep(patience, undefined, { ref: false }),
    ]);
    if (state === undefined) waiting.remove({ store });
    else waiting.set({ store }, state.waiting);
  }
  house.own(startJob('look-at-queue', every, look, house), (job) => job.stop());
}
