import { principalFrom, principalOf, type AccountPrincipal } from '@mysmtp/api';
import { internalApis } from '@mysmtp/contracts';
import { CallError, problems, type ServiceClient, type TokenLookup } from '@mysmtp/http';
import type { Projection } from './projection.ts';

/**
 * Finds the principal of a bearer token: of an API key in a projection of `tenant` and `token`, of a session
 * at identity. So does a key that is limited to networks, because only identity can open these. No answer of
 * identity is kept, so that a log-out takes effect everywhere at once. A principal of a tenant is not valid
 * after its tenant is fenced or deleted.
 *
 * While the projection is not ready, or identity does not answer, the answer is 503, because a 401 might be
 * wrong.
 */
export function tokenLookup(deps: {
  readonly projection: Projection;
  readonly isFenced: (tenant: string) => boolean;
  readonly identity: Pick<ServiceClient, 'call'>;
  readonly clock: { now(): number };
}): TokenLookup {
  const { projection, isFenced, identity, clock } = deps;
  const idByHash = new Map<string, string>();
  projection.onChange((change, before) => {
    if (change.entity !== 'token') return;
    if (before !== undefined && 'hash' in before && idByHash.get(before.hash) === change.id) {
      idByHash.delete(before.hash);
    }
    if (change.state !== null) idByHash.set(change.state.hash, change.id);
  });

  async function askIdentity(hash: string, address: string): Promise<AccountPrincipal | undefined> {
    try {
      const { principal } = await identity.call(internalApis.principalOf, { hash, address });
      return principal === null ? undefined : principalFrom(principal);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      throw problems.unavailable('Sessions cannot be checked now');
    }
  }

  const isLiving = (tenant: string | null) =>
    tenant === null || (projection.get('tenant', tenant) !== undefined && !isFenced(tenant));

  function principalOfKey(hash: string, address: string) {
    const id = idByHash.get(hash);
    const state = id === undefined ? undefined : projection.get('token', id);
    if (id === undefined || state === undefined) return undefined;
    if (state.expiresAt !== undefined && state.expiresAt <= clock.now()) return undefined;
    return state.atIdentity === true ? askIdentity(hash, address) : principalOf(id, state);
  }

  return async (hash, { isSession, address }) => {
    const principal = isSession
      ? await askIdentity(hash, address)
      : await principalOfKey(hash, address);
    if (principal !== undefined && isLiving(principal.tenant)) return principal;
    if (!projection.isReady()) throw problems.unavailable('Tokens are not synchronized yet');
    return undefined;
  };
}
