import { isFinal } from '@mysmtp/contracts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Pending } from './pending-rows.ts';

/**
 * `duplicate`: the same or a newer state is stored already. `expired`: older than the retention.
 * `fenced`: the tenant is being erased.
 */
export type IgnoredBecause = 'duplicate' | 'expired' | 'fenced';

export interface EventWriterMetrics {
  written(
    rows: ReadonlyMap<string, Pending>,
    how: { readonly ignored: number; readonly milliseconds: number; readonly now: number },
  ): void;
  ignored(because: IgnoredBecause, count: number): void;
  unreadable(count: number): void;
  writeFailed(): void;
}

export function createEventWriterMetrics(registry: Registry): EventWriterMetrics {
  const registers = [registry];
  const events = new Counter({
    name: 'mysmtp_usage_log_events_total',
    help: 'Row states by result; a state that a newer one replaces in memory is not counted.',
    labelNames: ['result'],
    registers,
  });
  // Initialized to 0, because an alert checks whether rows are written.
  events.inc({ result: 'written' }, 0);
  const batch = new Histogram({
    name: 'mysmtp_usage_log_batch_rows',
    help: 'Rows in one bulk write.',
    buckets: [1, 5, 20, 100, 500, 2_000],
    registers,
  });
  const duration = new Histogram({
    name: 'mysmtp_usage_log_write_duration_seconds',
    help: 'Time of one bulk write.',
    buckets: [0.005, 0.02, 0.05, 0.1, 0.5, 2],
    registers,
  });
  const failures = new Counter({
    name: 'mysmtp_usage_log_write_failures_total',
    help: 'Bulk writes that the database refused; they are retried.',
    registers,
  });
  const lag = new Gauge({
    name: 'mysmtp_usage_log_lag_seconds',
    help: 'From acceptance to the write of the final state, of the newest message in the last write.',
    registers,
  });

  return {
    written(rows, { ignored: known, milliseconds, now }) {
      events.inc({ result: 'written' }, rows.size - known);
      batch.observe(rows.size);
      duration.observe(milliseconds / 1_000);
      let newest = 0;
      for (const { event } of rows.values()) {
        if (isFinal(event.status) && event.acceptedAt > newest) newest = event.acceptedAt;
      }
      if (newest > 0) lag.set((now - newest) / 1_000);
    },
    ignored(because, count) {
      if (count > 0) events.inc({ result: because }, count);
    },
    unreadable: (count) => events.inc({ result: 'unreadable' }, count),
    writeFailed: () => failures.inc(),
  };
}
