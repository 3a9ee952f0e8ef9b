import { registry } from '@mysmtp/contracts';
import { Gauge, type Registry } from 'prom-client';
import type { Clock } from './clock.ts';

/** How old the oldest personal record of a store is, beside how old it may be (GDPR Art. 5(1)(e)). */
export interface RetentionGauges {
  /** When the store's oldest record began to count (milliseconds), after a look; nothing where it is empty. */
  looked(oldest: number | undefined): void;
}

/**
 * Shows one store's age and limit under its id in the registry of personal data; throws where it has
 * none. No age is shown before the first look: a zero that nobody measured would look like a good one.
 */
export function retentionGauges(options: {
  readonly store: string;
  /** Milliseconds after which nothing may be left, with the time that the job may take. */
  readonly limit: number;
  readonly clock: Clock;
  readonly metrics: Registry;
}): RetentionGauges {
  const { store, limit, clock, metrics } = options;
  if (!registry.collections.some(({ id }) => id === store)) {
    throw new Error(`${store} is not in the registry of personal data`);
  }
  gauge(
    metrics,
    'mysmtp_retention_limit_seconds',
    'How old a personal record of a store may become, with the time that its job may take.',
  ).set({ store }, limit / 1_000);
  const age = gauge(
    metrics,
    'mysmtp_oldest_personal_record_age_seconds',
    'Age of the oldest personal record of a store; 0 where there is none.',
  );
  return {
    looked: (oldest) =>
      age.set({ store }, oldest === undefined ? 0 : Math.max(0, clock.now() - oldest) / 1_000),
  };
}

/** One for all stores of a process. */
function gauge(metrics: Registry, name: string, help: string): Gauge<'store'> {
  const known = metrics.getSingleMetric(name) as Gauge<'store'> | undefined;
  return known ?? new Gauge({ name, help, labelNames: ['store'], registers: [metrics] });
}
