import type { Clock } from '@mysmtp/service';
import { Gauge, type Registry } from 'prom-client';
import { clocks, remainingOf, type BreachDocument } from './register.ts';

/** Shows the time until the next deadline of each clock. `update` gets the whole register. */
export function breachMetrics(
  clock: Clock,
  metrics: Registry,
): { update(breaches: readonly BreachDocument[]): void } {
  let known: readonly BreachDocument[] = [];
  const remaining: Gauge<'kind'> = new Gauge({
    name: 'mysmtp_breach_remaining_seconds',
    help: 'Time until the next deadline of a breach: authority or customers. Negative: missed. Infinite: none.',
    labelNames: ['kind'],
    registers: [metrics],
    collect() {
      const left = remainingOf(known, clock.now());
      // Prometheus does not tell a series that is absent from a process that is not scraped.
      for (const kind of clocks) remaining.set({ kind }, (left[kind] ?? Infinity) / 1_000);
    },
  });
  return { update: (breaches) => void (known = breaches) };
}
