import { randomUUID } from 'node:crypto';
import type { Logger } from '@mysmtp/log';
import type { DeferredStore } from './store.ts';

/** The leases of this process in the deferred queue. They are renewed until they are released. */
export interface Leases {
  /** Matches the leases of this process. */
  readonly ours: RegExp;
  /** Creates a unique lease of this process. */
  create(): string;
  hold(id: string, lease: string): void;
  release(id: string, lease: string): void;
  /** Leased messages. */
  readonly size: number;
  /** Whether this process may lease another message. */
  hasRoom(): boolean;
  close(): void;
}

export function openLeases(deps: {
  readonly deferred: Pick<DeferredStore, 'renew'>;
  /** Messages that may be leased at once. */
  readonly window: number;
  /** How long a lease lasts if it is not renewed. Milliseconds. */
  readonly lease: number;
  readonly log: Logger;
}): Leases {
  const { deferred, window, lease, log } = deps;
  const process = randomUUID();
  /** Leases by message id. */
  const held = new Map<string, string>();
  let created = 0;

  const renewing = setInterval(() => {
    if (held.size === 0) return;
    const ours = [...held].map(([id, lease]) => ({ id, lease }));
    deferred
      .renew(ours)
      .catch((error: unknown) => log.warn('deferred.lease_renewal_failed', { error }));
    // Several renewals per lease time, because a failover of the database may take ten seconds.
  }, lease / 6).unref();

  return {
    ours: new RegExp(`^${process}:`),
    create: () => `${process}:${String((created += 1))}`,
    hold: (id, owned) => void held.set(id, owned),
    release(id, owned) {
      if (held.get(id) === owned) held.delete(id);
    },
    get size() {
      return held.size;
    },
    hasRoom: () => held.size < window,
    close: () => clearInterval(renewing),
  };
}
