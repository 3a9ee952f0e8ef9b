import { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Nouns } from '../nouns.ts';
import { ownOrNotFound } from './access.ts';

const { path: route } = identityApi.deleteCredential;

export function deleteCredential({
  credentials,
  events,
}: Nouns): Handler<typeof identityApi.deleteCredential> {
  return async ({ params: { id }, principal }) => {
    ownOrNotFound(await credentials.find(id), principal, { route, events });
    if (!(await credentials.revoke(principal, id))) throw problems.notFound();
    return { status: 204 };
  };
}
