import type { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { ownOrNotFound } from './access.ts';

export function changeDomain({ domains }: Stores): Handler<typeof identityApi.changeDomain> {
  return async ({ params: { id }, body, principal }) => {
    ownOrNotFound(await domains.find(id), principal);
    const changed = await domains.setSigning(principal, id, body.signing);
    if (changed === undefined) throw problems.notFound();
    return { status: 200, body: changed };
  };
}
