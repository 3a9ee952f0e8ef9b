import { CodedError, registry } from '@mysmtp/contracts';
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
    throw new CodedError('internal_fault', `${store} is not in the registry of personal data`);
  }
  limitGauge(metrics).set({ store }, limit / 1_000);
  const oldestOf = ageGauge(metrics, clock);
  // What comes into an empty store from now on may be as old as this look.
  return { looked: (oldest) => void oldestOf.set(store, oldest ?? clock.now()) };
}

const ageName = 'mysmtp_oldest_personal_record_age_seconds';
const limitName = 'mysmtp_retention_limit_seconds';

function limitGauge(metrics: Registry): Gauge<'store'> {
  const known = metrics.getSingleMetric(limitName) as Gauge<'store'> | undefined;
  const help =
    'How old a personal record of a store may become, with the time that its job may take.';
  return known ?? new Gauge({ name: limitName, help, labelNames: ['store'], registers: [metrics] });
}

/** How old what is in each store can be, as seen last, by the registry of metrics that shows it. */
const seen = new WeakMap<Registry, Map<string, number>>();

/**
 * One gauge for all stores of a process. Ages grow from look to look, of an empty store too: where a job
 * comes no more, its store exceeds the limit and says so.
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
