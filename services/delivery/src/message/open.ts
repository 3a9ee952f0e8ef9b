import {
  CodedError,
  isMessageId,
  MailHeaders,
  timeOfMessageId,
  type ErrorCode,
} from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import {
  KeyDestroyedError,
  KeyUnavailableError,
  type Keyring,
  type SealingKeys,
} from '@mysmtp/keys';
import { unpackMail, type Mail } from '@mysmtp/mail';
import { open } from '@mysmtp/seal';
import { inlineContent, spooledContent, type Content } from './content.ts';
import type { Message } from './message.ts';
import { spoolReader } from './spool-reader.ts';

/** What came cannot be opened, or is not what was agreed: no later attempt makes it better. */
export class UnreadableError extends CodedError {
  constructor(cause: unknown, code: ErrorCode = 'message_unreadable') {
    super(code, 'The message cannot be opened', { cause });
    this.name = 'UnreadableError';
  }
}

/**
 * The key cannot be had now. So it is of a fenced tenant whose fence is still on its way here: what is
 * dropped before it comes would be counted by nobody.
 */
export const isKeyWithheld = (error: unknown): boolean =>
  error instanceof KeyUnavailableError ||
  (error instanceof KeyDestroyedError && error.tenantState === 'fenced');

export type OpenMessage = (
  header: Pick<MailHeaders, 'id' | 'tenant' | 'kind'>,
  sealed: Buffer,
) => Promise<Message>;

/**
 * Opens messages. Throws an `UnreadableError`, or what the keyring throws: a `KeyDestroyedError`
 * (the message is gone) or a `KeyUnavailableError` (later).
 */
export function messageOpener(keyring: Keyring, ingress: ServiceClient): OpenMessage {
  return async ({ id, tenant, kind }, sealed) => {
    if (!isMessageId(id)) throw new UnreadableError('parked without an id of its own');
    if (!MailHeaders.shape.kind.safeParse(kind).success) {
      throw new UnreadableError(`kind ${kind}`, 'message_of_newer_release');
    }
    const acceptedAt = timeOfMessageId(id);
    const keys =
      keyring.cached(tenant, acceptedAt) ?? (await keyring.sealingKeys(tenant, acceptedAt));
    const mail = unseal(keys, tenant, id, sealed);
    const content = contentOf(mail, { ingress, tenant, keys });
    return { id, tenant, kind, acceptedAt, envelope: mail.envelope, content, keys };
  };
}

function unseal(keys: SealingKeys, tenant: string, id: string, sealed: Buffer): Mail {
  try {
    return unpackMail(open(keys.mail, { tenant, record: `mail:${id}` }, sealed));
  } catch (error) {
    throw new UnreadableError(error);
  }
}

function contentOf(
  { envelope: { spool }, message }: Mail,
  from: { ingress: ServiceClient; tenant: string; keys: SealingKeys },
): Content {
  if (spool === null) return inlineContent(message ?? Buffer.alloc(0));
  const read = spoolReader(from.ingress, { tenant: from.tenant, key: from.keys.mail, spool });
  return spooledContent(spool.chunks, read);
}
