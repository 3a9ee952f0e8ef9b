import { CodedError, registry } from '@mysmtp/contracts';
import { Gauge, type Registry } from 'prom-client';
import type { Clock } from './clock.ts';

/** How old the oldest personal record of a store is, beside how old it may be (GDPR Art. 5(1)(e)). */
export interface RetentionGauges {
  /**
   * The time of the store's oldest record (milliseconds), read from the store; none if the store is empty.
   */
  update(oldest: number | undefined): void;
}

/**
 * Shows one store's age and limit under its id in the registry of personal data; throws if the registry has
 * no such id. No age is shown before the first read, because a zero would look like a good value.
 */
export function retentionGauges(options: {
  readonly store: string;
  /** The retention plus the time that the job may take. Milliseconds. */
  readonly limit: number;
  readonly clock: Clock;
  readonly metrics: Registry;
}): RetentionGauges {
  const { store, limit, clock, metrics } = options;
  if (!registry.collections.some(({ id }) => id === store)) {
    throw new CodedError('internal_fault', `${store} is not in the registry of personal data`);
  }
  limitGauge(metrics).set({ store }, limit / 1_000);
  const oldestOf = ageGauge(metrics, clock);
  // A record that enters an empty store after this read may be as old as this read.
  return { update: (oldest) => void oldestOf.set(store, oldest ?? clock.now()) };
}

const ageName = 'mysmtp_oldest_personal_record_age_seconds';
const limitName = 'mysmtp_retention_limit_seconds';

function limitGauge(metrics: Registry): Gauge<'store'> {
  const known = metrics.getSingleMetric(limitName) as Gauge<'store'> | undefined;
  const help =
    'The maximum age of a personal record of a store, with the time that its job may take.';
  return known ?? new Gauge({ name: limitName, help, labelNames: ['store'], registers: [metrics] });
}

/** The age of each store, as last read, by metrics registry. */
const seen = new WeakMap<Registry, Map<string, number>>();

/**
 * One gauge for all stores of a process. Ages grow from read to read, also of an empty store. So if a job no
 * longer runs, its store exceeds the limit and raises the alert.
 */
function ageGauge(metrics: Registry, clock: Clock): Map<string, number> {
  const known = seen.get(metrics);
  if (known !== undefined) return known;
  const oldestOf = new Map<string, number>();
  seen.set(metrics, oldestOf);
  const age: Gauge<'store'> = new Gauge({
    name: ageName,
    help: 'Age of the oldest personal record of a store; of the last look, where there was none.',
    labelNames: ['store'],
    registers: [metrics],
    collect() {
      for (const [store, oldest] of oldestOf) {
        age.set({ store }, Math.max(0, clock.now() - oldest) / 1_000);
      }
    },
  });
  return oldestOf;
}
