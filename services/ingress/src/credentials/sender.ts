import type { Projection } from '@mysmtp/projection';
import type { Tenants } from '@mysmtp/tenancy';

/** In whose name a session submits. */
export interface Sender {
  readonly tenant: string;
  readonly credential: string;
}

/**
 * True while the credential is not revoked and its tenant is active and not fenced. Asked at every
 * MAIL and once more before each publish, so that a revocation or a fence ends open sessions too.
 */
export type IsInForce = (sender: Sender) => boolean;

export function createIsInForce(
  projection: Projection,
  tenants: Pick<Tenants, 'fencedBy'>,
): IsInForce {
  return ({ tenant, credential }) =>
    tenants.fencedBy(tenant) === undefined &&
    projection.get('tenant', tenant)?.status === 'active' &&
    projection.get('credential', credential)?.tenant === tenant;
}
