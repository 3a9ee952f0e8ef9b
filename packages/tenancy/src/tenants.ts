import type { KeyObject } from 'node:crypto';
import type { KeyId } from '@mysmtp/contracts';
import { FencedError, NotCurrentError, type Gate } from '@mysmtp/erasure';
import type { Keyring, SealingKeys } from '@mysmtp/keys';

/**
 * What a piece of work does for a tenant. All of it is refused if the tenant is fenced.
 *
 * `read`: uses its keys, or what is kept of it.
 * `send`: also refused if this process may have missed a fence. A fence does not wait for it: an attempt
 * at delivery may take minutes, and is ended by its own `onFence`.
 * `write`: refused as `send` is, and a fence that falls meanwhile is acknowledged only after it.
 */
type Purpose = 'read' | 'send' | 'write';

/** One tenant, in a service that keeps nothing under keys. */
export interface BareScope {
  readonly tenant: string;
}

/** One tenant and its keys. Take a key for each use and keep none: it may be destroyed at any time. */
export interface TenantScope extends BareScope {
  /**
   * What to seal with for the day of `at` (milliseconds; now, unless said). No promise if the keys are
   * here already: nobody waits on the way of mail.
   */
  keys(at?: number): SealingKeys | Promise<SealingKeys>;
  key(id: KeyId): Promise<KeyObject>;
}

/**
 * The only way to what belongs to a tenant: its keys, its domains, and permission to write and to send.
 * All of it throws a `TenantUnavailable` if it cannot be had.
 */
export interface Tenants<Scope extends BareScope = TenantScope> {
  /** Begins in the same turn, or throws; gives back what `work` does, a promise or not. */
  run<T>(tenant: string, purpose: 'read' | 'send', work: (scope: Scope) => T): T;
  run<T>(tenant: string, purpose: 'write', work: (scope: Scope) => Promise<T>): Promise<T>;
  /** One write for several tenants: refused if one of them is fenced, and each fence waits for it. */
  writeAll<T>(tenants: Iterable<string>, work: () => Promise<T>): Promise<T>;
  /** Throws if a fence has fallen: for what has begun and was not held back. */
  refuseFenced(tenant: string): void;
  /** The erasure whose fence has fallen here; `undefined` if the tenant is not fenced. */
  fencedBy(tenant: string): string | undefined;
  /** False while a fence may have fallen that nobody here has heard of, or nothing may be kept here. */
  isCurrent(): boolean;
  /** `act` runs when a fence falls; the fence is acknowledged after it. */
  onFence(act: Parameters<Gate['onFence']>[0]): void;
}

export function createTenants<Scope extends BareScope>(
  gate: Gate,
  scopeOf: (tenant: string) => Scope,
): Tenants<Scope> {
  function refuseFenced(tenant: string): void {
    const erasure = gate.closedFor(tenant);
    if (erasure !== undefined) throw new FencedError(erasure);
  }

  function run<T>(tenant: string, purpose: 'read' | 'send', work: (scope: Scope) => T): T;
  function run<T>(tenant: string, purpose: 'write', work: (scope: Scope) => Promise<T>): Promise<T>;
  function run(tenant: string, purpose: Purpose, work: (scope: Scope) => unknown): unknown {
    if (purpose === 'write') {
      return gate.pass(tenant, () => work(scopeOf(tenant)) as Promise<unknown>);
    }
    refuseFenced(tenant);
    if (purpose === 'send' && !gate.isCurrent()) throw new NotCurrentError();
    return work(scopeOf(tenant));
  }

  return {
    run,
    writeAll: gate.pass,
    refuseFenced,
    fencedBy: gate.closedFor,
    isCurrent: gate.isCurrent,
    onFence: gate.onFence,
  };
}

type KeysOfTenants = Pick<Keyring, 'cached' | 'sealingKeys' | 'key'>;

/** A class, because one is made for each use: closures would be most of what that costs. */
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
