import { isMessageId, type Envelope, type MailHeaders } from '@mysmtp/contracts';
import type { SealingKeys } from '@mysmtp/keys';
import type { Content } from './content.ts';

/** An open message. It is in memory only while it is handled. */
export interface Message {
  readonly id: string;
  readonly tenant: string;
  readonly kind: MailHeaders['kind'];
  readonly acceptedAt: number;
  readonly envelope: Envelope;
  readonly content: Content;
  /** The keys of the day of acceptance. */
  readonly keys: SealingKeys;
}

/**
 * The clear headers of a message for delivery; `undefined` if they are invalid. A kind that only a newer
 * release supports is accepted here. Such a message is never opened; it is held under its own id.
 */
export function readHeaders(headers: Readonly<Record<string, unknown>>): MailHeaders | undefined {
  const { v, id, tenant, kind, credential } = headers;
  if (v !== 1 || typeof id !== 'string' || !isMessageId(id)) return undefined;
  if (typeof tenant !== 'string' || tenant === '') return undefined;
  if (typeof kind !== 'string' || !/^[a-z_]{1,32}$/.test(kind)) return undefined;
  const known = { v, id, tenant, kind: kind as MailHeaders['kind'] } as const;
  return typeof credential === 'string' ? { ...known, credential } : known;
}
