import type { identityApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';

export function reportDkimKey({
  domainVerification,
}: Stores): Handler<typeof identityApi.reportDkimKey> {
  return async ({ body: { domain, ...key } }) => ({
    status: 200,
    body: { known: await domainVerification.setDkimKey(domain, key) },
  });
}
