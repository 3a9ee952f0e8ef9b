import type { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { ownOrNotFound } from './access.ts';

export function deleteCredential({
  credentials,
}: Stores): Handler<typeof identityApi.deleteCredential> {
  return async ({ params: { id }, principal }) => {
    ownOrNotFound(await credentials.find(id), principal);
    if (!(await credentials.revoke(principal, id))) throw problems.notFound();
    return { status: 204 };
  };
}
