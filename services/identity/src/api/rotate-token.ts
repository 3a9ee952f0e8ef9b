import type { identityApi } from '@mysmtp/api';
import { mayGrant } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { boundsOf, ownOrNotFound } from './access.ts';
import { beyondCreator } from './create-token.ts';

export function rotateToken(stores: Stores): Handler<typeof identityApi.rotateToken> {
  const { tokens, tenants } = stores;
  return async ({ params: { id }, body: { hours }, principal }) => {
    const token = ownOrNotFound(await tokens.find(id), principal);
    if (token.tenant !== principal.tenant) throw problems.notFound();
    // The caller gets a key with these permissions.
    if (!mayGrant(principal, token)) throw beyondCreator();
    const account = token.tenant === null ? undefined : await tenants.account(token.tenant);
    const bounds = await boundsOf(stores, principal);
    const made = await tokens.rotate(principal, id, hours, bounds, account?.limits.apiKeys);
    if (made === undefined) throw problems.notFound();
    if (made === 'replaced') throw problems.conflict('This key already has a successor');
    return { status: 201, body: made };
  };
}
