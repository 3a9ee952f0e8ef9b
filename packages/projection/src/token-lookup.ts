import { principalOf, type TokenPrincipal } from '@mysmtp/api';
import type { TokenState } from '@mysmtp/contracts';
import { problems, type TokenLookup } from '@mysmtp/http';
import type { Projection } from './projection.ts';

/**
 * Finds the principal of a bearer token in a projection of `tenant` and `token`. An owner's token is not
 * valid after its tenant is fenced or deleted. While the projection is not ready the answer is 503,
 * because a 401 might be wrong.
 */
export function tokenLookup(
  projection: Projection,
  isFenced: (tenant: string) => boolean,
): TokenLookup {
  const idByHash = new Map<string, string>();
  projection.onChange((change, before) => {
    if (change.entity !== 'token') return;
    if (before !== undefined && 'hash' in before && idByHash.get(before.hash) === change.id) {
      idByHash.delete(before.hash);
    }
    if (change.state !== null) idByHash.set(change.state.hash, change.id);
  });

  return (hash) => {
    const id = idByHash.get(hash);
    const state = id === undefined ? undefined : projection.get('token', id);
    const principal =
      id === undefined || state === undefined
        ? undefined
        : livingPrincipal(id, state, projection, isFenced);
    if (principal === undefined && !projection.isReady()) {
      throw problems.unavailable('Tokens are not synchronized yet');
    }
    return principal;
  };
}

function livingPrincipal(
  token: string,
  state: TokenState,
  projection: Projection,
  isFenced: (tenant: string) => boolean,
): TokenPrincipal | undefined {
  const principal = principalOf(token, state);
  const tenant = principal?.tenant ?? null;
  if (tenant === null) return principal;
  const isLiving = projection.get('tenant', tenant) !== undefined && !isFenced(tenant);
  return isLiving ? principal : undefined;
}
