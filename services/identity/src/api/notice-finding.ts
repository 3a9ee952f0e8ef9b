import type { identityApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';

/** Tells the owners of a tenant by mail what detection has found. */
export function noticeFinding(
  stores: Pick<Stores, 'noticeFinding'>,
): Handler<typeof identityApi.noticeFinding> {
  return async ({ body }) => {
    await stores.noticeFinding(body);
    return { status: 200, body: {} };
  };
}
