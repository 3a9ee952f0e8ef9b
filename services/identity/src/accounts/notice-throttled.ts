import type { Credentials } from '../credentials/credentials.ts';
import type { NoticeOwners } from './notice-owners.ts';

/**
 * Sends the owner of a tenant a notice, at most once a day for each credential, that many authentications
 * with it fail. All processes of identity get the report; one of them sends the notice.
 */
export function noticeThrottled({
  credentials,
  noticeOwners,
}: {
  readonly credentials: Pick<Credentials, 'markThrottled'>;
  readonly noticeOwners: NoticeOwners;
}): (credential: string) => Promise<void> {
  return async (credential) => {
    const throttled = await credentials.markThrottled(credential);
    if (throttled === undefined) return;
    const { tenant, username, at } = throttled;
    await noticeOwners(tenant, 'credential-throttled', { at, username });
  };
}
