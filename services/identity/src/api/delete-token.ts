import type { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { ownOrNotFound } from './access.ts';

export function deleteToken({ tokens }: Stores): Handler<typeof identityApi.deleteToken> {
  return async ({ params: { id }, principal }) => {
    ownOrNotFound(await tokens.find(id), principal);
    if (!(await tokens.revoke(principal, id))) throw problems.notFound();
    return { status: 204 };
  };
}
