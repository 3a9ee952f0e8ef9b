import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkQueue } from '@mysmtp/contracts';
import { Gauge } from 'prom-client';
import { startJob } from './scheduler.ts';
import type { ServiceContext } from './service-context.ts';

/** The source of a queue's state: its consumer. */
interface QueueReader {
  queueState(): Promise<{ readonly waiting: number }>;
}

const every = 10_000;
/** Timeout for the state of a queue. Milliseconds. */
const patience = 2_000;

/**
 * Shows the number of messages in a work queue, under the queue's id in the registry of personal data. If the
 * broker does not answer, nothing is shown, because the last number would look current.
 */
export function showQueue(
  context: Pick<ServiceContext<unknown>, 'metrics' | 'clock' | 'log' | 'manage'>,
  queue: WorkQueue,
  consumer: QueueReader,
): void {
  const name = 'mysmtp_queue_messages_waiting';
  const known = context.metrics.getSingleMetric(name) as Gauge<'store'> | undefined;
  const waiting =
    known ??
    new Gauge({
      name,
      help: 'Messages in a work queue that no consumer holds.',
      labelNames: ['store'],
      registers: [context.metrics],
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
  context.manage(startJob('look-at-queue', every, look, context), (job) => job.stop());
}
