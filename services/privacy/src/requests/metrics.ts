import { requestStates } from '@mysmtp/api';
import type { Clock } from '@mysmtp/service';
import { Gauge, type Registry } from 'prom-client';
import { openTime } from './clocks.ts';
import type { Requests } from './ledger.ts';
import { isOpen } from './states.ts';

const openStates = requestStates.filter(isOpen);

/** For alerts: how long the oldest request has been open. `update` reads the ledger. */
export function requestMetrics(
  requests: Pick<Requests, 'model'>,
  clock: Clock,
  metrics: Registry,
): { update(): Promise<void> } {
  const { model } = requests;
  const registers = [metrics];
  const byState = new Gauge({
    name: 'mysmtp_person_requests',
    help: 'Requests of persons by state.',
    labelNames: ['state'],
    registers,
  });
  let oldest: { readonly receivedAt: Date; readonly dueAt: Date } | undefined;
  const age: Gauge = new Gauge({
    name: 'mysmtp_person_request_oldest_open_seconds',
    help: 'How long the oldest request of a person has been open, without the time of its extension; 0 if none is open.',
    registers,
    // Computed at scrape time, so that it grows even if the job hangs.
    collect: () =>
      age.set(oldest === undefined ? 0 : Math.max(0, openTime(oldest, clock.now())) / 1_000),
  });

  return {
    async update() {
      for (const state of requestStates)
        byState.set({ state }, await model.countDocuments({ state }));
      // An extension moves both dates by the same time.
      const [first] = await model
        .find({ state: { $in: openStates } }, { receivedAt: 1, dueAt: 1 })
        .sort({ dueAt: 1 })
        .limit(1)
        .lean();
      oldest = first;
    },
  };
}
