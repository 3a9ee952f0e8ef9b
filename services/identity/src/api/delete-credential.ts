import { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { ownOrNotFound } from './access.ts';

const { path: route } = identityApi.deleteCredential;

export function deleteCredential({
  credentials,
  telemetry,
}: Stores): Handler<typeof identityApi.deleteCredential> {
  return async ({ params: { id }, principal }) => {
    ownOrNotFound(await credentials.find(id), principal, { route, telemetry });
    if (!(await credentials.revoke(principal, id))) throw problems.notFound();
    return { status: 204 };
  };
}
