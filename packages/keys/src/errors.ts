import type { TenantKeyState } from '@mysmtp/contracts';

/**
 * The key exists no more and never will again: what it sealed is gone. With an `active` tenant its
 * day is over; with a `fenced` or `erased` one it goes with all the others.
 */
export class KeyDestroyedError extends Error {
  readonly tenantState: Exclude<TenantKeyState, 'unknown'>;

  constructor(tenantState: KeyDestroyedError['tenantState']) {
    super(`The key is destroyed; its tenant is ${tenantState}`);
    this.name = 'KeyDestroyedError';
    this.tenantState = tenantState;
  }
}

/** Nobody can say just now: try again later, and lose nothing meanwhile. */
export class KeyUnavailableError extends Error {
  constructor() {
    super('The key cannot be had now');
    this.name = 'KeyUnavailableError';
  }
}
