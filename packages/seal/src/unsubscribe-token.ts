import type { KeyObject } from 'node:crypto';
import { openJson, sealJson } from './seal.ts';

/** The account key of a tenant, because a link in a mail is valid for as long as the tenant exists. */
const keyId = 'account';
const record = 'unsubscribe';

/**
 * The token of a link by which a person objects to mail of a tenant: the id of the tenant, and the sealed
 * blind index of the person.
 */
export function sealUnsubscribe(accountKey: KeyObject, tenant: string, person: string): string {
  const sealed = sealJson(accountKey, { tenant, keyId, record }, person);
  return `${tenant}.${sealed.toString('base64url')}`;
}

/** The tenant in a token, which nothing proves yet; `undefined` if it has not the form of a token. */
export const tenantOfUnsubscribe = (token: string): string | undefined =>
  /^([\w-]{1,64})\.[\w-]+$/.exec(token)?.[1];

/** The blind index of the person. Throws a `SealError` if the token is not ours. */
export function openUnsubscribe(accountKey: KeyObject, token: string): string {
  const tenant = tenantOfUnsubscribe(token) ?? '';
  const sealed = Buffer.from(token.slice(tenant.length + 1), 'base64url');
  return String(openJson(accountKey, { tenant, record }, sealed));
}
