import type { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { ownOrNotFound } from './access.ts';

export function deleteDomain({ domains }: Stores): Handler<typeof identityApi.deleteDomain> {
  return async ({ params: { id }, principal }) => {
    ownOrNotFound(await domains.find(id), principal);
    if (!(await domains.remove(principal, id))) throw problems.notFound();
    return { status: 204 };
  };
}
