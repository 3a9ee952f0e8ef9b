import { isMessageId, type MailHeaders } from '@mysmtp/contracts';

/** The clear headers of a message for delivery; `undefined` where they are not as agreed. */
export function readHeaders(headers: Readonly<Record<string, unknown>>): MailHeaders | undefined {
  const { v, id, tenant, kind } = headers;
  if (v !== 1 || typeof id !== 'string' || !isMessageId(id)) return undefined;
  if (typeof tenant !== 'string' || tenant === '') return undefined;
  if (kind !== 'message' && kind !== 'dsn' && kind !== 'canary') return undefined;
  return { v, id, tenant, kind };
}
