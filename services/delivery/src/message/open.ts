import {
  CodedError,
  isMessageId,
  MailHeaders,
  timeOfMessageId,
  type ErrorCode,
  spoolReadPath,
  TenantUnavailable,
} from '@mysmtp/contracts';
import { type ServiceClient, CallError } from '@mysmtp/http';
import type { SealingKeys } from '@mysmtp/keys';
import { unpackMail, type Mail } from '@mysmtp/mail';
import { open, openChunk } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import type { KeyObject } from 'node:crypto';
import { retry } from '@mysmtp/retry';
import {
  inlineContent,
  spooledContent,
  type Content,
  SpoolGoneError,
  SpoolUnavailableError,
  type ReadChunk,
} from './content.ts';
import type { Message } from './message.ts';

/** The message cannot be opened, or is invalid. A later attempt cannot succeed. */
export class UnreadableError extends CodedError {
  constructor(cause: unknown, code: ErrorCode = 'message_unreadable') {
    super(code, 'The message cannot be opened', { cause });
    this.name = 'UnreadableError';
  }
}

type Header = Pick<MailHeaders, 'id' | 'tenant' | 'kind'>;

export type OpenMessage = (header: Header, sealed: Buffer) => Promise<Message>;

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

/** Reads chunks of one spooled message from ingress and opens them. */
function spoolReader(
  ingress: ServiceClient,
  deps: { tenant: string; key: KeyObject; spool: { id: string; chunks: number } },
): ReadChunk {
  const { tenant, key, spool } = deps;
  return async (index) => {
    let sealed: Buffer;
    try {
      sealed = await ingress.bytes(spoolReadPath, { id: spool.id, chunk: index });
    } catch (error) {
      throw isGone(error) ? new SpoolGoneError(error) : new SpoolUnavailableError(error);
    }
    const last = index === spool.chunks - 1;
    return openChunk(key, { tenant, record: `spool:${spool.id}` }, { index, last }, sealed);
  };
}

const isGone = (error: unknown): boolean => error instanceof CallError && error.status === 410;

const delays = { first: 1_000, longest: 1_000 } as const;

/**
 * Opens a message, and waits for a while if its key is unavailable, because most outages of privacy are
 * short. Waiting messages fill the window. A full window stops the intake meanwhile.
 */
export function openPatiently(
  open: OpenMessage,
  patience: number,
  stopping: AbortSignal,
): OpenMessage {
  function again(error: unknown, header: Header, sealed: Buffer): Promise<Message> {
    if (!mayPass(error)) throw error;
    const end = performance.now() + patience;
    return retry(() => open(header, sealed), {
      ...delays,
      signal: stopping,
      shouldRetry: (failure) => mayPass(failure) && performance.now() < end,
    });
  }

  return (header, sealed) =>
    // Nearly every message opens at once, and the state of a retry costs as much as the opening.
    open(header, sealed).catch((error: unknown) => again(error, header, sealed));
}

const mayPass = (error: unknown): boolean => error instanceof TenantUnavailable && error.passes;
