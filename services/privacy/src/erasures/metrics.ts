import { Gauge, type Registry } from 'prom-client';
import { stateOf, steps, type ErasureDocument, type ErasureState } from './ledger.ts';

export interface ErasureMetrics {
  looked(open: readonly ErasureDocument[], completed: number, now: number): void;
}

const states: readonly ErasureState[] = [...steps, 'partial', 'failed'];

/** What alerts watch: an erasure that is `partial` or `failed`, or open for too long. */
export function createErasureMetrics(registry: Registry): ErasureMetrics {
  const registers = [registry];
  const byState = new Gauge({
    name: 'mysmtp_erasures',
    help: 'Erasures by state; partial waits for a silent store, failed found something after a purge.',
    labelNames: ['state'],
    registers,
  });
  const oldest = new Gauge({
    name: 'mysmtp_erasure_oldest_open_seconds',
    help: 'Age of the oldest request for erasure that is not completed; 0 where there is none.',
    registers,
  });
  return {
    looked(open, completed, now) {
      for (const state of states) {
        const count = open.filter((erasure) => stateOf(erasure) === state).length;
        byState.set({ state }, state === 'completed_live' ? completed : count);
      }
      const [first] = open;
      oldest.set(first === undefined ? 0 : (now - first.requestedAt.getTime()) / 1_000);
    },
  };
}
