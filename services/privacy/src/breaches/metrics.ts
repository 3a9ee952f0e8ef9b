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
    help: 'Time until the next deadline of a breach: authority or customers. Negative: missed. Absent: none.',
    labelNames: ['kind'],
    registers: [metrics],
    collect() {
      remaining.reset();
      const left = remainingOf(known, clock.now());
      for (const kind of clocks) {
        const time = left[kind];
        if (time !== undefined) remaining.set({ kind }, time / 1_000);
      }
    },
  });
  return { update: (breaches) => void (known = breaches) };
}
