import {
  dayPurposes,
  type KeyPurpose,
  type ServiceName,
  type TenantKeyState,
} from '@mysmtp/contracts';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { RootKind } from './days.ts';
import type { RootDocument } from './root.ts';

export interface KeyringMetrics {
  answered(state: TenantKeyState | 'failed'): void;
  /** A key was given to this service. */
  gave(caller: ServiceName, purpose: KeyPurpose): void;
  /** `kept` are the roots that should be destroyed. */
  counted(active: readonly RootDocument[], kept: readonly RootDocument[], now: number): void;
  /** Whether the clock is in doubt. If so, no root is destroyed. */
  doubted(isInDoubt: boolean): void;
}

const kinds: readonly RootKind[] = ['epoch', ...dayPurposes];

export function createKeyringMetrics(registry: Registry): KeyringMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'mysmtp_keyring_requests_total',
    help: 'Requests for keys, by the state of the tenant; failed ones got no answer.',
    labelNames: ['outcome'],
    registers,
  });
  const given = new Counter({
    name: 'mysmtp_keyring_keys_total',
    help: 'Keys that were given, by the service that asked and what they are for.',
    labelNames: ['caller', 'purpose'],
    registers,
  });
  const roots = new Gauge({
    name: 'mysmtp_keyring_roots',
    help: 'Roots that are not destroyed.',
    labelNames: ['kind'],
    registers,
  });
  const oldest = new Gauge({
    name: 'mysmtp_keyring_oldest_root_age_seconds',
    help: 'Age of the oldest root that is not destroyed.',
    labelNames: ['kind'],
    registers,
  });
  const overdue = new Gauge({
    name: 'mysmtp_keyring_overdue_roots',
    help: 'Roots past their day that had to be kept: undelivered mail, delivery does not answer, or the clock is in doubt.',
    registers,
  });
  const doubted = new Gauge({
    name: 'mysmtp_keyring_clock_doubted',
    help: '1 while no root is destroyed because the clock of the process may be wrong.',
    registers,
  });
  return {
    answered: (outcome) => requests.inc({ outcome }),
    gave: (caller, purpose) => given.inc({ caller, purpose }),
    counted(active, kept, now) {
      for (const kind of kinds) {
        const ofKind = active.filter((root) => root.kind === kind);
        const ages = ofKind.map((root) => now - root.createdAt.getTime());
        roots.set({ kind }, ofKind.length);
        oldest.set({ kind }, Math.max(0, ...ages) / 1_000);
      }
      overdue.set(kept.length);
    },
    doubted: (isInDoubt) => doubted.set(isInDoubt ? 1 : 0),
  };
}
