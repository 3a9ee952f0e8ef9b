import type { identityApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';

/** Called by every service about once a minute. */
export function reportUse({ credentials }: Stores): Handler<typeof identityApi.reportUse> {
  return async ({ body: { uses } }) => {
    await credentials.recordUses(uses.filter(({ kind }) => kind === 'credential'));
    return { status: 200, body: {} };
  };
}
