import { ownersAndOperators, problems, route, type Route } from '@mysmtp/http';
import type { Nouns } from '../nouns.ts';
import { ownOrNotFound } from './access.ts';
import { ById } from './schemas.ts';

const path = '/v1/credentials/{id}';

export function deleteCredential({ credentials, events }: Nouns): Route {
  return route({
    method: 'delete',
    path,
    summary: 'Revokes a credential, in open sessions too',
    access: ownersAndOperators,
    params: ById,
    replies: { 204: null },
    async handle({ params: { id }, caller }) {
      ownOrNotFound(await credentials.find(id), caller, { route: path, events });
      if (!(await credentials.revoke(id))) throw problems.notFound();
      return { status: 204 };
    },
  });
}
