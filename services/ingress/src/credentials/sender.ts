import type { Projection } from '@mysmtp/projection';
import type { Tenants } from '@mysmtp/tenancy';

/** The tenant and credential that a session submits for. */
export interface Sender {
  readonly tenant: string;
  readonly credential: string;
}

/**
 * True while the credential is not revoked and its tenant is active and not fenced. Checked at every
 * MAIL and again before each publish, so that a revocation or a fence ends open sessions too.
 */
export type IsAuthorized = (sender: Sender) => boolean;

export function createIsAuthorized(
  projection: Projection,
  tenants: Pick<Tenants, 'fencedBy'>,
): IsAuthorized {
  return ({ tenant, credential }) =>
    tenants.fencedBy(tenant) === undefined &&
    projection.get('tenant', tenant)?.status === 'active' &&
    projection.get('credential', credential)?.tenant === tenant;
}
