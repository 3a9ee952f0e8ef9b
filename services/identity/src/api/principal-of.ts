import type { AccountPrincipal, identityApi } from '@mysmtp/api';
import type { Handler, TokenLookup } from '@mysmtp/http';
import type { Stores } from '../stores.ts';

/** Who presents a token to this service: an API key, or a person with a session. */
export const principals =
  ({ tokens, accounts: { sessions } }: Pick<Stores, 'tokens' | 'accounts'>): TokenLookup =>
  (hash, { isSession, address }) =>
    isSession ? sessions.lookUp(hash) : tokens.lookUp(hash, address);

/** The same for another service, which sends only the hash. */
export function principalOf({
  tokens,
  accounts: { sessions },
}: Stores): Handler<typeof identityApi.principalOf> {
  return async ({ body: { hash, address } }) => {
    const principal = (await sessions.lookUp(hash)) ?? (await tokens.lookUp(hash, address));
    return { status: 200, body: { principal: principal === undefined ? null : shown(principal) } };
  };
}

const shown = (principal: AccountPrincipal) => ({
  ...principal,
  permissions: [...principal.permissions],
});
