import type { Logger } from '@mysmtp/log';
import { startPacedJob, type Clock, type Job } from '@mysmtp/service';
import { Gauge, type Registry } from 'prom-client';
import type { Outbox, OutboxState } from '../entities/outbox.ts';

/**
 * Publishes the changes that their writer could not publish: it crashed, the broker was away, or it was
 * the bootstrap command. Runs at start first.
 */
export function sweepOutbox(deps: {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}): Job {
  const { outbox, clock, log, metrics } = deps;
  let state: OutboxState = { waiting: 0, oldest: undefined };
  const depth = new Gauge({
    name: 'mysmtp_outbox_waiting',
    help: 'Changes that are not published to the other services yet.',
    registers: [],
    collect() {
      this.set(state.waiting);
    },
  });
  const age = new Gauge({
    name: 'mysmtp_outbox_oldest_age_seconds',
    help: 'Age of the oldest change that is not published to the other services yet.',
    registers: [],
    collect() {
      this.set(state.oldest === undefined ? 0 : (clock.now() - state.oldest) / 1_000);
    },
  });
  metrics.registerMetric(depth);
  metrics.registerMetric(age);

  async function run(): Promise<boolean> {
    state = await outbox.sweep();
    if (state.waiting > 0) log.warn('outbox.waiting', { count: state.waiting });
    return state.waiting > 0;
  }
  const job = startPacedJob('sweep-outbox', { busy: 2_000, idle: 10_000 }, run, deps);
  outbox.onFailed(job.wake);
  return job;
}
