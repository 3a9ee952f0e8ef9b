import { TenantUnavailable, type TenantKeyState } from '@mysmtp/contracts';

/**
 * The key is destroyed for ever, and with it what it sealed. If the tenant is `active`, the day of the
 * key is over. If it is `fenced` or `erased`, all its keys are destroyed.
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

/** The key service is unreachable. Retry later; do not drop data. */
export class KeyUnavailableError extends TenantUnavailable {
  constructor(reason: 'keys' | 'unknown' = 'keys') {
    super('The key is temporarily unavailable', reason, true);
    this.name = 'KeyUnavailableError';
  }
}
