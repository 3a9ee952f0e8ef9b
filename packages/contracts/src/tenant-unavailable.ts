import type { StoppedStatus } from './identity.ts';

/**
 * The operation was refused for this tenant, and nothing was done. `fenced`: it is being erased, or is
 * fenced in this process. `erased`: privacy answers that it is erased. `stale`: this process may have
 * missed a fence. `keys`: its keys are unavailable or destroyed. `unknown`: privacy has no such tenant.
 * `suspended`, `restricted`: by the state in identity, until it is lifted.
 *
 * Each protocol has one translation of it: `problems.ofTenant` (`@mysmtp/http`), `refusalOf` (SMTP, in
 * ingress) and `outcomeOf` (`@mysmtp/broker`, for a consumer).
 */
export abstract class TenantUnavailable extends Error {
  readonly reason: 'fenced' | 'erased' | 'stale' | 'keys' | 'unknown' | StoppedStatus;
  /** True if a later attempt may succeed. */
  readonly passes: boolean;
  /** The erasure that fences the tenant in this process; absent if only privacy reported it. */
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
