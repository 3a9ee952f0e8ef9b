import { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { ownOrNotFound } from './access.ts';

const { path: route } = identityApi.changeDomain;

export function changeDomain({
  domains,
  telemetry,
}: Stores): Handler<typeof identityApi.changeDomain> {
  return async ({ params: { id }, body, principal }) => {
    ownOrNotFound(await domains.find(id), principal, { route, telemetry });
    const changed = await domains.setSigning(principal, id, body.signing);
    if (changed === undefined) throw problems.notFound();
    return { status: 200, body: changed };
  };
}
