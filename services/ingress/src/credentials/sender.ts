import type { CredentialState } from '@mysmtp/contracts';
import { replies, type Reply } from '@mysmtp/mail';
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
      isUsable(projection.get('credential', sender.credential), sender.tenant) &&
      !hasExpired(sender),
  };
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
