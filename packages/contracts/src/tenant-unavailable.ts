/**
 * Nothing can be done for this tenant, and nothing was done. `fenced`: it is being erased, or its fence
 * has fallen in this process; `erased`: privacy says that it is erased; `stale`: this process may have
 * missed a fence; `keys`: its keys cannot be had now, or are destroyed; `unknown`: privacy does not know it.
 *
 * Each way out has one place that translates it: `problems.ofTenant` (`@mysmtp/http`), `refusalOf` (SMTP,
 * in ingress) and `outcomeOf` (`@mysmtp/broker`, for a consumer).
 */
export abstract class TenantUnavailable extends Error {
  readonly reason: 'fenced' | 'erased' | 'stale' | 'keys' | 'unknown';
  /** True if a later attempt may succeed. */
  readonly passes: boolean;
  /** The erasure whose fence has fallen in this process; absent if it is known from privacy alone. */
  readonly erasure: string | undefined;

  protected constructor(
    message: string,
    reason: TenantUnavailable['reason'],
    passes: boolean,
    erasure?: string,
  ) {
    super(message);
    this.reason = reason;
    this.passes = passes;
    this.erasure = erasure;
  }
}

export const isUnavailable = (error: unknown, reason: TenantUnavailable['reason']): boolean =>
  error instanceof TenantUnavailable && error.reason === reason;
