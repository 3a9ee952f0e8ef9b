import type { identityApi } from '@mysmtp/api';
import { findingTexts } from '@mysmtp/contracts';
import type { Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';

/** Tells the owners of a tenant by mail what detection has found. */
export function noticeFinding({
  noticeOwners,
}: Pick<Stores, 'noticeOwners'>): Handler<typeof identityApi.noticeFinding> {
  return async ({ body: { tenant, rule, at } }) => {
    await noticeOwners(tenant, 'finding', { at, finding: findingTexts[rule] });
    return { status: 200, body: {} };
  };
}
