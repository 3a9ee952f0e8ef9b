import {
  bySubject,
  TenantUnavailable,
  type Fence,
  type FenceOf,
  type WireOutcome,
} from '@mysmtp/contracts';
import { Node, Yallist } from 'yallist';

/** The tenant, or the person, is fenced: nothing is written for it any more. */
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

/** The same for one person of a tenant. Work that is `handled` is not waited for: end it here. */
export type OnPersonFence = (
  fence: FenceOf<'person'>,
) => void | Partial<WireOutcome> | Promise<void | Partial<WireOutcome>>;

/** The fenced persons of one tenant. */
export interface PersonFences {
  /**
   * The erasure that fences one of these persons (blind indexes), for a message that was accepted at this
   * time (milliseconds); `undefined` if none is fenced.
   */
  of(acceptedAt: number, ...persons: readonly string[]): string | undefined;
}

/** Guards all writes for a tenant. Refuses them once the tenant is being erased. */
export interface TenantGuard {
  /** The erasure that fences this tenant; `undefined` if it is not fenced. */
  fencedBy(tenant: string): string | undefined;
  /** `undefined` if no person of the tenant is fenced, which is one lookup in a map. */
  personFences(tenant: string): PersonFences | undefined;
  /** False while writes are suspended: a fence may have been missed, or data would outlast its key. */
  isCurrent(): boolean;
  /**
   * Runs work that writes for these tenants. A fence that arrives meanwhile is acknowledged after the
   * work. Throws a `FencedError` or a `StaleFencesError` before it starts the work.
   */
  run<T>(tenants: string | Iterable<string>, work: () => Promise<T>): Promise<T>;
  /** The same for work that may take minutes. Only a fence of its tenant waits for it. */
  handle<T>(tenant: string, work: () => Promise<T>): Promise<T>;
  onFence(act: OnFence): void;
  onPersonFence(act: OnPersonFence): void;
}

export interface TenantGuardControl extends TenantGuard {
  /** The erasure that fences this subject, in the same form; `undefined` if none does. */
  fenceOn(fence: Pick<Fence, 'subject' | 'before'>): string | undefined;
  /**
   * Applies a fence. Resolves once no work for the subject is under way. A repeated call waits for the
   * same work; if a hook failed, it tries again. The subject stays fenced throughout.
   */
  apply(fence: Fence): Promise<WireOutcome>;
}

interface Entry {
  readonly erasure: string;
  /** The end of a person's fence, for mail that was accepted later. */
  readonly before?: number | undefined;
  done?: Promise<WireOutcome> | undefined;
}

/** The fences of the persons of one tenant, by blind index. */
class FencedPersons extends Map<string, Entry> implements PersonFences {
  of(acceptedAt: number, ...persons: readonly string[]): string | undefined {
    for (const person of persons) {
      const entry = this.get(person);
      if (entry !== undefined && acceptedAt < (entry.before ?? Number.POSITIVE_INFINITY)) {
        return entry.erasure;
      }
    }
    return undefined;
  }
}

export function createTenantGuard(isCurrent: () => boolean): TenantGuardControl {
  const fenced = new Map<string, Entry>();
  const persons = new Map<string, FencedPersons>();
  const underWay = createWork();
  const handled = createWork();
  const acts: OnFence[] = [];
  const actsOnPerson: OnPersonFence[] = [];

  function fenceTenant(fence: FenceOf<'tenant'>): Promise<WireOutcome> {
    const known = fenced.get(fence.tenant);
    if (known?.done !== undefined) return known.done;
    // Fenced first, in the same turn, so that all later work is refused.
    const entry = known ?? { erasure: fence.erasure };
    fenced.set(fence.tenant, entry);
    return finish(entry, async () => {
      const outcomes = await Promise.all(acts.map(async (act) => act(fence)));
      await Promise.all([underWay.settled(fence.tenant), handled.settled(fence.tenant)]);
      return sumOf(outcomes);
    });
  }

  function fencePerson(fence: FenceOf<'person'>, before: number | undefined): Promise<WireOutcome> {
    const { tenant, person, erasure } = fence;
    let ofTenant = persons.get(tenant);
    if (ofTenant === undefined) persons.set(tenant, (ofTenant = new FencedPersons()));
    const known = ofTenant.get(person);
    const isSame = known?.erasure === erasure && known.before === before;
    if (isSame && known.done !== undefined) return known.done;
    const entry: Entry = isSame ? known : { erasure, before };
    ofTenant.set(person, entry);
    return finish(entry, async () => {
      const outcomes = await Promise.all(actsOnPerson.map(async (act) => act(fence)));
      await underWay.settled(tenant);
      return sumOf(outcomes);
    });
  }

  const fencedBy = (tenant: string): string | undefined => fenced.get(tenant)?.erasure;

  function refuse(tenant: string): void {
    const erasure = fencedBy(tenant);
    if (erasure !== undefined) throw new FencedError(erasure);
  }

  return {
    fencedBy,
    personFences: (tenant) => persons.get(tenant),
    fenceOn: ({ subject, before }) =>
      bySubject(subject, {
        tenant: ({ tenant }) => fencedBy(tenant),
        person({ tenant, person }) {
          const entry = persons.get(tenant)?.get(person);
          return entry?.before === before ? entry?.erasure : undefined;
        },
      }),
    isCurrent,
    async run(tenants, work) {
      if (!isCurrent()) throw new StaleFencesError();
      const all = typeof tenants === 'string' ? [tenants] : [...new Set(tenants)];
      for (const tenant of all) refuse(tenant);
      return underWay.track(all, work());
    },
    async handle(tenant, work) {
      if (!isCurrent()) throw new StaleFencesError();
      refuse(tenant);
      return handled.track([tenant], work());
    },
    onFence: (act) => void acts.push(act),
    onPersonFence: (act) => void actsOnPerson.push(act),
    apply: ({ erasure, subject, before }) =>
      bySubject(subject, {
        tenant: (tenant) => fenceTenant({ ...tenant, erasure }),
        person: (person) => fencePerson({ ...person, erasure }, before),
      }),
  };
}

/** Runs the rest of a fence once. If it fails, the next call tries again. */
function finish(entry: Entry, drain: () => Promise<WireOutcome>): Promise<WireOutcome> {
  const done = drain();
  entry.done = done;
  done.catch(() => void (entry.done = undefined));
  return done;
}

function sumOf(outcomes: readonly (void | Partial<WireOutcome>)[]): WireOutcome {
  const sum = { finished: 0, unknown: 0 };
  for (const outcome of outcomes) {
    sum.finished += outcome?.finished ?? 0;
    sum.unknown += outcome?.unknown ?? 0;
  }
  return sum;
}

/** Work that has begun, by tenant. */
function createWork() {
  // Not a `Set`, which would keep what has ended in memory (docs/performance.md).
  const underWay = new Map<string, Yallist<Promise<unknown>>>();

  function begin(tenant: string, work: Node<Promise<unknown>>): void {
    let all = underWay.get(tenant);
    if (all === undefined) underWay.set(tenant, (all = new Yallist()));
    all.pushNode(work);
  }

  function end(tenant: string, work: Node<Promise<unknown>>): void {
    const all = underWay.get(tenant);
    all?.removeNode(work);
    if (all?.length === 0) underWay.delete(tenant);
  }

  return {
    async track<T>(tenants: readonly string[], work: Promise<T>): Promise<T> {
      const nodes = tenants.map((tenant) => [tenant, new Node<Promise<unknown>>(work)] as const);
      for (const [tenant, node] of nodes) begin(tenant, node);
      try {
        return await work;
      } finally {
        for (const [tenant, node] of nodes) end(tenant, node);
      }
    },
    async settled(tenant: string): Promise<void> {
      const running = underWay.get(tenant);
      if (running !== undefined) await Promise.allSettled(running);
    },
  };
}
