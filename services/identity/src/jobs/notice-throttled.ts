import type { Stores } from '../stores.ts';

/**
 * Tells the owner of a tenant, at most once a day for each credential, that many authentications with it
 * fail. All processes of identity learn it; one of them sends the notice.
 */
export function noticeThrottled({
  credentials,
  tenants,
  notices,
}: Pick<Stores, 'credentials' | 'tenants' | 'notices'>): (credential: string) => Promise<void> {
  return async (credential) => {
    const throttled = await credentials.markThrottled(credential);
    if (throttled === undefined) return;
    const { tenant, username, at } = throttled;
    const owner = (await tenants.find(tenant))?.owner ?? null;
    if (owner === null) return;
    await notices.send(tenant, owner, 'credential-throttled', { at, username });
  };
}
