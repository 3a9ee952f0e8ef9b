import { ownersAndOperators, problems, route, type Route } from '@mysmtp/http';
import type { Nouns } from '../nouns.ts';
import { ownOrNotFound } from './access.ts';
import { ById } from './schemas.ts';

const path = '/v1/domains/{id}';

export function deleteDomain({ domains, events }: Nouns): Route {
  return route({
    method: 'delete',
    path,
    summary: 'Gives a sender domain up: nothing more is accepted from it',
    access: ownersAndOperators,
    params: ById,
    replies: { 204: null },
    async handle({ params: { id }, caller }) {
      ownOrNotFound(await domains.find(id), caller, { route: path, events });
      if (!(await domains.remove(id))) throw problems.notFound();
      return { status: 204 };
    },
  });
}
