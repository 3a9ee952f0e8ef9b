import type { Gate } from '@mysmtp/erasure';
import type { Projection } from '@mysmtp/projection';

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

export function createIsInForce(projection: Projection, gate: Pick<Gate, 'closedFor'>): IsInForce {
  return ({ tenant, credential }) =>
    gate.closedFor(tenant) === undefined &&
    projection.get('tenant', tenant)?.status === 'active' &&
    projection.get('credential', credential)?.tenant === tenant;
}
