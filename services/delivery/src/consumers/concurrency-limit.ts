/** Limits how many messages are handled at once. A broker message may contain several. */
export interface ConcurrencyLimit {
  /**
   * Resolves when there is room, in the order of the calls, or at once if `lost` is aborted or the tenant is
   * let through. `leave` must be called once afterwards.
   */
  enter(tenant: string, lost: AbortSignal): Promise<void> | undefined;
  leave(): void;
  /** Lets the waiting messages of a tenant through, because they are dropped. */
  letThrough(tenant: string): void;
  /** Lets all through: they are given back. */
  open(): void;
}

interface Waiting {
  readonly tenant: string;
  readonly lost: AbortSignal;
  readonly go: () => void;
}

export function createConcurrencyLimit(room: number): ConcurrencyLimit {
  let inside = 0;
  let waiting: Waiting[] = [];
  let isOpen = false;
  /** Signals with a listener. Hundreds of messages share one signal. */
  const followed = new WeakSet<AbortSignal>();

  function letGo(which: (one: Waiting) => boolean): void {
    const gone = waiting.filter(which);
    waiting = waiting.filter((one) => !which(one));
    inside += gone.length;
    for (const { go } of gone) go();
  }

  function follow(lost: AbortSignal): void {
    if (followed.has(lost)) return;
    followed.add(lost);
    lost.addEventListener('abort', () => letGo((one) => one.lost === lost), { once: true });
  }

  return {
    enter(tenant, lost) {
      if (isOpen || lost.aborted || (inside < room && waiting.length === 0)) {
        inside += 1;
        return undefined;
      }
      follow(lost);
      return new Promise((go) => waiting.push({ tenant, lost, go }));
    },
    leave() {
      inside -= 1;
      if (inside < room) {
        const next = waiting.shift();
        if (next === undefined) return;
        inside += 1;
        next.go();
      }
    },
    letThrough: (tenant) => letGo((one) => one.tenant === tenant),
    open() {
      isOpen = true;
      letGo(() => true);
    },
  };
}
