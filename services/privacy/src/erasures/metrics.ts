import { erasureSteps } from '@mysmtp/api';
import type { Clock } from '@mysmtp/service';
import { Gauge, type Registry } from 'prom-client';
import { stateOf, type ErasureDocument, type ErasureState } from './ledger.ts';

export interface ErasureMetrics {
  update(open: readonly ErasureDocument[], completed: number): void;
}

const states: readonly ErasureState[] = [...erasureSteps, 'partial', 'failed'];

/** For alerts: erasures that are `partial`, `failed` or open for too long. */
export function createErasureMetrics(registry: Registry, clock: Clock): ErasureMetrics {
  const registers = [registry];
  const byState = new Gauge({
    name: 'mysmtp_erasures',
    help: 'Erasures by state; partial waits for a silent store, failed found something after a purge.',
    labelNames: ['state'],
    registers,
  });
  let requestedAt: number | undefined;
  const oldest: Gauge = new Gauge({
    name: 'mysmtp_erasure_oldest_open_seconds',
    help: 'Age of the oldest request for erasure that is not completed; 0 if there is none.',
    registers,
    // Computed at scrape time, so that the age grows even if the job hangs.
    collect: () => oldest.set(requestedAt === undefined ? 0 : (clock.now() - requestedAt) / 1_000),
  });
  return {
    update(open, completed) {
      for (const state of states) {
        const count = open.filter((erasure) => stateOf(erasure) === state).length;
        byState.set({ state }, state === 'completed_live' ? completed : count);
      }
      requestedAt = open[0]?.requestedAt.getTime();
    },
  };
}
