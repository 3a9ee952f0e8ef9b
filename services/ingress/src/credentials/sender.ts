import type { Projection } from '@mysmtp/projection';
import type { Tenants } from '@mysmtp/tenancy';

/** The tenant and credential that a session submits for. */
export interface Sender {
  readonly tenant: string;
  readonly credential: string;
}

/** Whether a credential may be used now. */
export interface Authorization {
  /**
   * True while the credential is not revoked and has not expired, and its tenant is active and not fenced.
   * Checked at every MAIL and again before each publish, so that a revocation or a fence ends open sessions
   * too.
   */
  isAuthorized: IsAuthorized;
  hasExpired(sender: Sender): boolean;
}

export type IsAuthorized = (sender: Sender) => boolean;

export function createAuthorization(deps: {
  readonly projection: Pick<Projection, 'get'>;
  readonly tenants: Pick<Tenants, 'fencedBy'>;
  readonly clock: { now(): number };
}): Authorization {
  const { projection, tenants, clock } = deps;

  function hasExpired({ credential }: Sender): boolean {
    const expiresAt = projection.get('credential', credential)?.expiresAt;
    return expiresAt !== undefined && expiresAt <= clock.now();
  }

  return {
    hasExpired,
    isAuthorized: (sender) =>
      tenants.fencedBy(sender.tenant) === undefined &&
      projection.get('tenant', sender.tenant)?.status === 'active' &&
      projection.get('credential', sender.credential)?.tenant === sender.tenant &&
      !hasExpired(sender),
  };
}
