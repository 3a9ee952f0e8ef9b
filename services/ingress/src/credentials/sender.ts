import type { CredentialState } from '@mysmtp/contracts';
import { replies, type Reply } from '@mysmtp/mail';
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
    isUsable(projection.get('credential', credential), tenant);
}

const isUsable = (credential: CredentialState | undefined, tenant: string): boolean =>
  credential?.tenant === tenant && credential.suspended !== true;

/** The reply to the holder of a credential that an operator has stopped; `undefined` if none has. */
export type StoppedReply = (sender: Sender) => Reply | undefined;

export const createStoppedReply =
  (projection: Projection): StoppedReply =>
  ({ tenant, credential }) => {
    const status = projection.get('tenant', tenant)?.status;
    if (status === 'suspended') return replies.accountSuspended;
    if (status === 'restricted') return replies.accountRestricted;
    const isSuspended = projection.get('credential', credential)?.suspended === true;
    return isSuspended ? replies.credentialSuspended : undefined;
  };
