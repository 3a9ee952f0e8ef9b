import { problems, type Caller, type TokenLookup } from '@mysmtp/http';
import type { TokenState } from '@mysmtp/contracts';
import type { Projection } from './projection.ts';

/**
 * Whose bearer token it is, from a projection of `tenant` and `token`. An owner's token lives no
 * longer than its tenant, and not after its tenant is fenced. While the projection is not whole the answer is 503, for a 401 might be a lie.
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
    const caller =
      id === undefined || state === undefined
        ? undefined
        : callerOf(id, state, projection, isFenced);
    if (caller === undefined && !projection.isWhole()) {
      throw problems.unavailable('This service does not know all tokens yet');
    }
    return caller;
  };
}

function callerOf(
  token: string,
  { role, tenant }: TokenState,
  projection: Projection,
  isFenced: (tenant: string) => boolean,
): Caller | undefined {
  if (role === 'operator') return { role, token };
  if (tenant === null || projection.get('tenant', tenant) === undefined) return undefined;
  if (isFenced(tenant)) return undefined;
  return { role, tenant, token };
}
