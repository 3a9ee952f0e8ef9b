import { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Nouns } from '../nouns.ts';
import { ownOrNotFound } from './access.ts';

const { path: route } = identityApi.deleteDomain;

export function deleteDomain({ domains, events }: Nouns): Handler<typeof identityApi.deleteDomain> {
  return async ({ params: { id }, principal }) => {
    ownOrNotFound(await domains.find(id), principal, { route, events });
    if (!(await domains.remove(principal, id))) throw problems.notFound();
    return { status: 204 };
  };
}
