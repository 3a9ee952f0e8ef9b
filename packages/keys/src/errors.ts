import { TenantUnavailable, type TenantKeyState } from '@mysmtp/contracts';

/**
 * The key exists no more and never will again: what it sealed is gone. With an `active` tenant its
 * day is over; with a `fenced` or `erased` one it goes with all the others.
 */
export class KeyDestroyedError extends TenantUnavailable {
  readonly tenantState: Exclude<TenantKeyState, 'unknown'>;

  constructor(tenantState: KeyDestroyedError['tenantState']) {
    const reason = tenantState === 'active' ? 'keys' : tenantState;
    super(`The key is destroyed; its tenant is ${tenantState}`, reason, false);
    this.name = 'KeyDestroyedError';
    this.tenantState = tenantState;
  }
}

/** Nobody can say just now: try again later, and lose nothing meanwhile. */
export class KeyUnavailableError extends TenantUnavailable {
  constructor(reason: 'keys' | 'unknown' = 'keys') {
    super('The key cannot be had now', reason, true);
    this.name = 'KeyUnavailableError';
  }
}
