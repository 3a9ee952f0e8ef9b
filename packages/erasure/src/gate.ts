import {
  bySubject,
  TenantUnavailable,
  type Fence,
  type FenceOf,
  type Subject,
  type WireOutcome,
} from '@mysmtp/contracts';

/** The tenant is fenced: whatever was to be written for it is not, now or ever. */
export class FencedError extends TenantUnavailable {
  constructor(erasure: string) {
    super('This tenant is being erased or is erased', 'fenced', false, erasure);
    this.name = 'FencedError';
  }
}

/**
 * This process may have missed a fence and must not write until it has asked; or it would keep what it
 * writes for longer than its key lives.
 */
export class NotCurrentError extends TenantUnavailable {
  constructor() {
    super('This process may not write now', 'stale', true);
    this.name = 'NotCurrentError';
  }
}

/** Called when the fence of a tenant falls; it is acknowledged once all of these are done. */
export type OnFence = (
  fence: FenceOf<'tenant'>,
) => void | Partial<WireOutcome> | Promise<void | Partial<WireOutcome>>;

/** What stands between this process and everything that it could write for a tenant. */
export interface Gate {
  /** The erasure that closed it for this tenant; `undefined` while it is open. */
  closedFor(tenant: string): string | undefined;
  /** False while a fence may have fallen that nobody here has heard of, or nothing may be kept here. */
  isCurrent(): boolean;
  /**
   * Does what writes for these tenants. A fence that falls meanwhile is not acknowledged before it
   * is done. Throws a `FencedError` or a `NotCurrentError`, and has done nothing then.
   */
  pass<T>(tenants: string | Iterable<string>, work: () => Promise<T>): Promise<T>;
  onFence(act: OnFence): void;
}

export interface GateKeeper extends Gate {
  /** The erasure that closed it for this subject; `undefined` while it is open. */
  closedBy(subject: Subject): string | undefined;
  /**
   * Closes it. Resolves once nothing of the subject is under way. Doing it again waits for the same, or
   * where a hook failed tries again; it is closed all the while.
   */
  close(fence: Fence): Promise<WireOutcome>;
}

export function createGate(isCurrent: () => boolean): GateKeeper {
  const closed = new Map<string, { erasure: string; done?: Promise<WireOutcome> | undefined }>();
  const underWay = new Map<string, Set<Promise<unknown>>>();
  const acts: OnFence[] = [];

  async function shut(fence: FenceOf<'tenant'>): Promise<WireOutcome> {
    const outcomes = await Promise.all(acts.map(async (act) => act(fence)));
    const running = underWay.get(fence.tenant);
    if (running !== undefined) await Promise.allSettled(running);
    const sum = { finished: 0, unknown: 0 };
    for (const outcome of outcomes) {
      sum.finished += outcome?.finished ?? 0;
      sum.unknown += outcome?.unknown ?? 0;
    }
    return sum;
  }

  function track(tenant: string, work: Promise<unknown>): void {
    let all = underWay.get(tenant);
    if (all === undefined) underWay.set(tenant, (all = new Set()));
    all.add(work);
  }

  function forget(tenant: string, work: Promise<unknown>): void {
    const all = underWay.get(tenant);
    all?.delete(work);
    if (all?.size === 0) underWay.delete(tenant);
  }

  function closeForTenant(fence: FenceOf<'tenant'>): Promise<WireOutcome> {
    const known = closed.get(fence.tenant);
    if (known?.done !== undefined) return known.done;
    // Closed first, in the same turn: whoever comes from now on is refused.
    const entry = known ?? { erasure: fence.erasure };
    closed.set(fence.tenant, entry);
    const done = shut(fence);
    entry.done = done;
    done.catch(() => void (entry.done = undefined));
    return done;
  }

  const closedFor = (tenant: string): string | undefined => closed.get(tenant)?.erasure;

  return {
    closedFor,
    closedBy: (subject) => bySubject(subject, { tenant: ({ tenant }) => closedFor(tenant) }),
    isCurrent,
    async pass(tenants, work) {
      if (!isCurrent()) throw new NotCurrentError();
      const all = typeof tenants === 'string' ? [tenants] : [...new Set(tenants)];
      for (const tenant of all) {
        const entry = closed.get(tenant);
        if (entry !== undefined) throw new FencedError(entry.erasure);
      }
      const running = work();
      for (const tenant of all) track(tenant, running);
      try {
        return await running;
      } finally {
        for (const tenant of all) forget(tenant, running);
      }
    },
    onFence: (act) => void acts.push(act),
    close: ({ erasure, subject }) =>
      bySubject(subject, { tenant: (tenant) => closeForTenant({ ...tenant, erasure }) }),
  };
}
