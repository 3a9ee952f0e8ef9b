import { randomUUID } from 'node:crypto';
import type { Logger } from '@mysmtp/log';
import type { Shelf } from './store.ts';

/** What this process has in hand of the deferred queue. Its claims are renewed while it holds them. */
export interface Claims {
  /** Matches the claims of this process. */
  readonly ours: RegExp;
  /** A claim of this process, never used twice. */
  create(): string;
  hold(id: string, claim: string): void;
  release(id: string, claim: string): void;
  /** Messages in hand. */
  readonly size: number;
  /** Whether this process may take another one in hand. */
  hasRoom(): boolean;
  close(): void;
}

export function openClaims(settings: {
  readonly shelf: Pick<Shelf, 'renew'>;
  /** Messages in hand at once. */
  readonly window: number;
  /** How long a claim lasts unless it is renewed. Milliseconds. */
  readonly lease: number;
  readonly log: Logger;
}): Claims {
  const { shelf, window, lease, log } = settings;
  const process = randomUUID();
  /** Claims by message id. */
  const held = new Map<string, string>();
  let created = 0;

  const renewing = setInterval(() => {
    if (held.size === 0) return;
    const ours = [...held].map(([id, claim]) => ({ id, claim }));
    shelf.renew(ours).catch((error: unknown) => log.warn('shelf.renew_failed', { error }));
    // Several chances to renew before a claim counts as lost: a database may take ten seconds to fail over.
  }, lease / 6).unref();

  return {
    ours: new RegExp(`^${process}:`),
    create: () => `${process}:${String((created += 1))}`,
    hold: (id, claim) => void held.set(id, claim),
    release(id, claim) {
      if (held.get(id) === claim) held.delete(id);
    },
    get size() {
      return held.size;
    },
    hasRoom: () => held.size < window,
    close: () => clearInterval(renewing),
  };
}
