import type { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';

export function vouchForDomain({ domains }: Stores): Handler<typeof identityApi.vouchForDomain> {
  return async ({ params: { id }, body, principal }) => {
    const domain = await domains.vouch(principal, id, body);
    if (domain === undefined) throw problems.notFound();
    return { status: 200, body: domain };
  };
}

export function endVouch({ domains }: Stores): Handler<typeof identityApi.endVouch> {
  return async ({ params: { id }, principal }) => {
    const domain = await domains.endVouch(principal, id);
    if (domain === undefined) throw problems.notFound();
    return { status: 200, body: domain };
  };
}
