/**
 * Nothing can be done for this tenant, and nothing was done. `fenced`: it is being erased or is erased;
 * `stale`: this process may have missed a fence; `keys`: its keys cannot be had, or are destroyed;
 * `unknown`: privacy does not know it.
 *
 * Those who answer somebody need no more than this: HTTP (`@mysmtp/http`) and SMTP (`refusalOf` of
 * ingress) each have one place that does.
 */
export abstract class TenantUnavailable extends Error {
  readonly reason: 'fenced' | 'stale' | 'keys' | 'unknown';
  /** True if a later attempt may succeed. */
  readonly passes: boolean;

  protected constructor(message: string, reason: TenantUnavailable['reason'], passes: boolean) {
    super(message);
    this.reason = reason;
    this.passes = passes;
  }
}
