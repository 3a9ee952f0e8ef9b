import {
  CodedError,
  isMessageId,
  MailHeaders,
  timeOfMessageId,
  type ErrorCode,
} from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { SealingKeys } from '@mysmtp/keys';
import { unpackMail, type Mail } from '@mysmtp/mail';
import { open } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import { inlineContent, spooledContent, type Content } from './content.ts';
import type { Message } from './message.ts';
import { spoolReader } from './spool-reader.ts';

/** The message cannot be opened, or is invalid. A later attempt cannot succeed. */
export class UnreadableError extends CodedError {
  constructor(cause: unknown, code: ErrorCode = 'message_unreadable') {
    super(code, 'The message cannot be opened', { cause });
    this.name = 'UnreadableError';
  }
}

export type OpenMessage = (
  header: Pick<MailHeaders, 'id' | 'tenant' | 'kind'>,
  sealed: Buffer,
) => Promise<Message>;

/** Opens messages. Throws an `UnreadableError`, or a `TenantUnavailable` if the keys are unavailable. */
export function messageOpener(tenants: Pick<Tenants, 'run'>, ingress: ServiceClient): OpenMessage {
  return async ({ id, tenant, kind }, sealed) => {
    if (!isMessageId(id)) throw new UnreadableError('held without an id of its own');
    if (!MailHeaders.shape.kind.safeParse(kind).success) {
      throw new UnreadableError(`kind ${kind}`, 'message_of_newer_release');
    }
    const acceptedAt = timeOfMessageId(id);
    const keys = await tenants.run(tenant, 'read', (scope) => scope.keys(acceptedAt));
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
