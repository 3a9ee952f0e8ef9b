import {
  bySubject,
  TenantUnavailable,
  type Fence,
  type FenceOf,
  type Subject,
  type WireOutcome,
} from '@mysmtp/contracts';

/** The tenant is fenced: nothing is written for it any more. */
export class FencedError extends TenantUnavailable {
  constructor(erasure: string) {
    super('This tenant is being erased or is erased', 'fenced', false, erasure);
    this.name = 'FencedError';
  }
}

/**
 * This process may have missed a fence, or would keep what it writes for longer than its key. It must not
 * write until it has the current fences.
 */
export class StaleFencesError extends TenantUnavailable {
  constructor() {
    super('Fence list may be stale; writes are suspended', 'stale', true);
    this.name = 'StaleFencesError';
  }
}

/** Called when a tenant is fenced. The fence is acknowledged once all of these are done. */
export type OnFence = (
  fence: FenceOf<'tenant'>,
) => void | Partial<WireOutcome> | Promise<void | Partial<WireOutcome>>;

/** Guards all writes for a tenant. Refuses them once the tenant is being erased. */
export interface TenantGuard {
  /** The erasure that fences this tenant; `undefined` if it is not fenced. */
  fencedBy(tenant: string): string | undefined;
  /** False while writes are suspended: a fence may have been missed, or data would outlast its key. */
  isCurrent(): boolean;
  /**
   * Runs work that writes for these tenants. A fence that arrives meanwhile is acknowledged after the
   * work. Throws a `FencedError` or a `StaleFencesError` before it starts the work.
   */
  run<T>(tenants: string | Iterable<string>, work: () => Promise<T>): Promise<T>;
  onFence(act: OnFence): void;
}

export interface TenantGuardControl extends TenantGuard {
  /** The erasure that fences this subject; `undefined` if it is not fenced. */
  fenceOn(subject: Subject): string | undefined;
  /**
   * Applies a fence. Resolves once no work for the subject is under way. A repeated call waits for the
   * same work; if a hook failed, it tries again. The subject stays fenced throughout.
   */
  apply(fence: Fence): Promise<WireOutcome>;
}

export function createTenantGuard(isCurrent: () => boolean): TenantGuardControl {
  const fenced = new Map<string, { erasure: string; done?: Promise<WireOutcome> | undefined }>();
  const underWay = new Map<string, Set<Promise<unknown>>>();
  const acts: OnFence[] = [];

  async function drain(fence: FenceOf<'tenant'>): Promise<WireOutcome> {
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

  function fenceTenant(fence: FenceOf<'tenant'>): Promise<WireOutcome> {
    const known = fenced.get(fence.tenant);
    if (known?.done !== undefined) return known.done;
    // Fenced first, in the same turn, so that all later work is refused.
    const entry = known ?? { erasure: fence.erasure };
    fenced.set(fence.tenant, entry);
    const done = drain(fence);
    entry.done = done;
    done.catch(() => void (entry.done = undefined));
    return done;
  }

  const fencedBy = (tenant: string): string | undefined => fenced.get(tenant)?.erasure;

  return {
    fencedBy,
    fenceOn: (subject) => bySubject(subject, { tenant: ({ tenant }) => fencedBy(tenant) }),
    isCurrent,
    async run(tenants, work) {
      if (!isCurrent()) throw new StaleFencesError();
      const all = typeof tenants === 'string' ? [tenants] : [...new Set(tenants)];
      for (const tenant of all) {
        const entry = fenced.get(tenant);
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
    apply: ({ erasure, subject }) =>
      bySubject(subject, { tenant: (tenant) => fenceTenant({ ...tenant, erasure }) }),
  };
}
