import type { identityApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';

export function reportDkimKey({
  domainVerification,
}: Stores): Handler<typeof identityApi.reportDkimKey> {
  return async ({ body: { domain, ed25519, ...rsa } }) => {
    const known = await domainVerification.setDkimKeys(domain, rsa, ed25519);
    return { status: 200, body: { known, ed25519: known && ed25519 !== undefined } };
  };
}
