import { ownersAndOperators, problems, route, type Route } from '@mysmtp/http';
import type { Nouns } from '../nouns.ts';
import { ownOrNotFound } from './access.ts';
import { ById } from './schemas.ts';

const path = '/v1/tokens/{id}';

export function deleteToken({ tokens, events }: Nouns): Route {
  return route({
    method: 'delete',
    path,
    summary: 'Revokes a token, in every service',
    access: ownersAndOperators,
    params: ById,
    replies: { 204: null },
    async handle({ params: { id }, caller }) {
      ownOrNotFound(await tokens.find(id), caller, { route: path, events });
      if (!(await tokens.revoke(id))) throw problems.notFound();
      return { status: 204 };
    },
  });
}
