import type { KeyObject } from 'node:crypto';
import { TenantUnavailable, type KeyId, type StoppedStatus } from '@mysmtp/contracts';
import { FencedError, StaleFencesError, type TenantGuard } from '@mysmtp/erasure';
import type { Keyring, SealingKeys } from '@mysmtp/keys';

/**
 * The kind of work for a tenant. All of it is refused if the tenant is fenced.
 *
 * `read`: uses its keys or its stored data.
 *
 * `send`: also refused if the tenant is suspended or restricted, or if this process may have missed a fence.
 * A fence does not wait for it: a delivery attempt may take minutes, and is ended by its own `onFence`.
 *
 * `write`: refused as `send` is. A fence that arrives meanwhile is acknowledged after the work.
 *
 * `handle`: the same for work that may take minutes, such as the handling of a message. The fence of a person
 * does not wait for it: the service ends what concerns the person in its own `onPersonFence`.
 */
type Purpose = 'read' | 'send' | 'write' | 'handle';

/** One tenant, in a service that keeps no data under keys. */
export interface BareScope {
  readonly tenant: string;
}

/** One tenant and its keys. Take a key for each use and keep none: it may be destroyed at any time. */
export interface TenantScope extends BareScope {
  /**
   * The keys to seal with for the day of `at` (milliseconds; default: now). Not a promise if the keys are
   * cached, so that mail does not wait.
   */
  keys(at?: number): SealingKeys | Promise<SealingKeys>;
  key(id: KeyId): Promise<KeyObject>;
}

/** The tenant is suspended or restricted. */
class StoppedError extends TenantUnavailable {
  constructor(status: StoppedStatus) {
    super(`The tenant is ${status}`, status, true);
    this.name = 'StoppedError';
  }
}

/**
 * The only access to a tenant: its keys, its domains, and permission to write and to send. Everything
 * throws a `TenantUnavailable` if it is not available.
 */
export interface Tenants<Scope extends BareScope = TenantScope> {
  /** Starts in the same turn, or throws. Returns the result of `work`, a promise or not. */
  run<T>(tenant: string, purpose: 'read' | 'send', work: (scope: Scope) => T): T;
  run<T>(
    tenant: string,
    purpose: 'write' | 'handle',
    work: (scope: Scope) => Promise<T>,
  ): Promise<T>;
  /** One write for several tenants: refused if one of them is fenced, and each fence waits for it. */
  writeAll<T>(tenants: Iterable<string>, work: () => Promise<T>): Promise<T>;
  /** Throws if the tenant is fenced. For work that has started without being tracked. */
  refuseFenced(tenant: string): void;
  /** The erasure that fences the tenant here; `undefined` if it is not fenced. */
  fencedBy(tenant: string): string | undefined;
  /** The fenced persons of the tenant; `undefined` if there are none, as nearly always. */
  personFences: TenantGuard['personFences'];
  /** Its status, if it is suspended or restricted. Always `undefined` in a service without a projection. */
  stoppedBy(tenant: string): StoppedStatus | undefined;
  /** False while writes are suspended: a fence may have been missed, or data would outlast its key. */
  isCurrent(): boolean;
  /** `act` runs when a tenant is fenced. The fence is acknowledged after it. */
  onFence(act: Parameters<TenantGuard['onFence']>[0]): void;
  /** The same for a person of a tenant. */
  onPersonFence(act: Parameters<TenantGuard['onPersonFence']>[0]): void;
}

export function createTenants<Scope extends BareScope>(
  guard: TenantGuard,
  scopeOf: (tenant: string) => Scope,
  stoppedBy: Tenants['stoppedBy'] = () => undefined,
): Tenants<Scope> {
  function refuseFenced(tenant: string): void {
    const erasure = guard.fencedBy(tenant);
    if (erasure !== undefined) throw new FencedError(erasure);
  }

  function run<T>(tenant: string, purpose: 'read' | 'send', work: (scope: Scope) => T): T;
  function run<T>(
    tenant: string,
    purpose: 'write' | 'handle',
    work: (scope: Scope) => Promise<T>,
  ): Promise<T>;
  function run(tenant: string, purpose: Purpose, work: (scope: Scope) => unknown): unknown {
    if (purpose === 'write' || purpose === 'handle') {
      const tracked = purpose === 'write' ? guard.run : guard.handle;
      return tracked(tenant, () => work(scopeOf(tenant)) as Promise<unknown>);
    }
    refuseFenced(tenant);
    if (purpose === 'send') {
      if (!guard.isCurrent()) throw new StaleFencesError();
      const status = stoppedBy(tenant);
      if (status !== undefined) throw new StoppedError(status);
    }
    return work(scopeOf(tenant));
  }

  return {
    run,
    writeAll: guard.run,
    refuseFenced,
    fencedBy: guard.fencedBy,
    personFences: guard.personFences,
    stoppedBy,
    isCurrent: guard.isCurrent,
    onFence: guard.onFence,
    onPersonFence: guard.onPersonFence,
  };
}

type KeysOfTenants = Pick<Keyring, 'cached' | 'sealingKeys' | 'key'>;

/** A class, because one is made for each use: closures would make up most of its cost. */
export class KeyScope implements TenantScope {
  readonly tenant: string;
  private readonly keyring: KeysOfTenants;

  constructor(tenant: string, keyring: KeysOfTenants) {
    this.tenant = tenant;
    this.keyring = keyring;
  }

  keys(at?: number): SealingKeys | Promise<SealingKeys> {
    const { keyring, tenant } = this;
    return keyring.cached(tenant, at) ?? keyring.sealingKeys(tenant, at);
  }

  key(id: KeyId): Promise<KeyObject> {
    return this.keyring.key(this.tenant, id);
  }
}

/** The keys of tenants, each for one use. Throws a `TenantUnavailable`. */
export const keysOf =
  (tenants: Tenants) =>
  (tenant: string, id: KeyId): Promise<KeyObject> =>
    tenants.run(tenant, 'read', (scope) => scope.key(id));
