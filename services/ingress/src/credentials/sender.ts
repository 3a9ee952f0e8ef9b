import type { Projection } from '@mysmtp/projection';

/** In whose name a session submits. */
export interface Sender {
  readonly tenant: string;
  readonly credential: string;
}

/**
 * True while the credential is not revoked and its tenant is active. Asked at every MAIL and once
 * more before each publish, so that a revocation or a fence ends open sessions too.
 */
export function isInForce(projection: Projection, { tenant, credential }: Sender): boolean {
  return (
    projection.get('tenant', tenant)?.status === 'active' &&
    projection.get('credential', credential)?.tenant === tenant
  );
}
