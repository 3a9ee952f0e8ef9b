import { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { ownOrNotFound } from './access.ts';

const { path: route } = identityApi.deleteDomain;

export function deleteDomain({
  domains,
  telemetry,
}: Stores): Handler<typeof identityApi.deleteDomain> {
  return async ({ params: { id }, principal }) => {
    ownOrNotFound(await domains.find(id), principal, { route, telemetry });
    if (!(await domains.remove(principal, id))) throw problems.notFound();
    return { status: 204 };
  };
}
