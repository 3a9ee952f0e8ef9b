import { Attempt, attemptRecord, newMessageId, reader, type Envelope } from '@mysmtp/contracts';
import {
  buildDsn,
  packMail,
  replyCode,
  splitHeaderBlock,
  statusOfReply,
  type DsnRecipient,
  type ReplyStage,
} from '@mysmtp/mail';
import { openJson, seal } from '@mysmtp/seal';
import type { Clock } from '@mysmtp/service';
import type { TenantScope } from '@mysmtp/tenancy';
import type { Message } from '../message/message.ts';
import { withSignature } from '../signing/dsn-key.ts';
import type { SigningKey } from '../signing/sign.ts';
import {
  recipientsOf,
  type PendingDsn,
  type RecipientFailure,
  type MessageState,
  type RecipientState,
} from '../core/state.ts';
import type { Telemetry } from '../telemetry.ts';

export interface DsnWriter {
  /**
   * One DSN to the sender about the failures of the recipients at these positions. `undefined` if no DSN
   * may be sent, or the message cannot be opened.
   */
  write(
    tenant: TenantScope,
    message: Message | undefined,
    state: MessageState,
    positions: readonly number[],
  ): Promise<PendingDsn | undefined>;
}

export interface DsnWriterDeps {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Author of the DSNs. */
  readonly postmaster: string;
  /** Our name in the DSNs. */
  readonly ehloName: string;
  /** Signs the DSNs; without a key they are unsigned. */
  readonly key: SigningKey | undefined;
}

/** Writes delivery status notifications (RFC 3464), each as a separate message under today's key. */
export function createDsnWriter(deps: DsnWriterDeps): DsnWriter {
  const { clock, telemetry, postmaster, ehloName, key } = deps;

  async function write(
    scope: TenantScope,
    message: Message | undefined,
    state: MessageState,
    positions: readonly number[],
  ): Promise<PendingDsn | undefined> {
    const { tenant } = scope;
    const to = message?.envelope.reversePath ?? '';
    // Never to the null reverse-path, and no DSN about a DSN (RFC 5321 4.5.5, RFC 3834 2).
    if (message === undefined || message.kind === 'dsn' || to === '') {
      const reason = state.kind === 'dsn' ? 'undeliverable' : 'null_sender';
      telemetry.dsnDropped(state.id, reason);
      return undefined;
    }
    const about = new Set(positions);
    const failed = recipientsOf(state).filter(({ n }) => about.has(n));
    const now = clock.now();
    const id = newMessageId(now);
    const { message: dsn, smtputf8 } = buildDsn({
      id,
      reportingMta: ehloName,
      postmaster,
      to,
      date: now,
      arrivalDate: message.acceptedAt,
      recipients: failed.map((row) => describe(message, row, state.failures.get(row.n))),
      originalHeader: await headerOf(message),
    });
    const octets = key === undefined ? dsn : await withSignature(dsn, now, key);
    const envelope: Envelope = {
      reversePath: '',
      senderIndex: '',
      about: [...new Set(failed.map(({ index }) => index))],
      recipients: [{ address: to, index: message.envelope.senderIndex, log: '' }],
      smtputf8,
      eightBit: smtputf8,
      size: octets.length,
      signing: null,
      spool: null,
    };
    const { mail: mailKey, mailId: keyId } = await scope.keys();
    const context = { tenant, keyId, record: `mail:${id}` };
    return { id, content: seal(mailKey, context, packMail(envelope, octets)) };
  }

  return { write };
}

/** The DSN returns the original header. If the header cannot be read, the DSN is sent without it. */
async function headerOf({ content }: Message): Promise<Buffer> {
  try {
    return splitHeaderBlock(await content.head()).header;
  } catch {
    return Buffer.alloc(0);
  }
}

function describe(
  message: Message,
  row: RecipientState,
  failure: RecipientFailure | undefined,
): DsnRecipient {
  const { at, site, reply, enhancedCode, stage } = failure ?? lastAttempt(message, row);
  const isExpired = row.status === 'expired';
  const code = replyCode(reply);
  const own = code === null ? reply : undefined;
  const reason = isExpired ? `The time for delivery is over. Last: ${own ?? ''}`.trimEnd() : own;
  return {
    address: message.envelope.recipients[row.n]?.address ?? '',
    action: 'failed',
    status: isExpired ? deliveryTimeExpired : statusOf(code, enhancedCode, stage),
    ...(reason === undefined ? undefined : { reason }),
    ...(code === null ? undefined : { reply }),
    ...(site === null ? undefined : { remoteMta: site }),
    ...(at === undefined ? undefined : { lastAttemptAt: at }),
  };
}

/** RFC 3463 3.5. */
const deliveryTimeExpired = '5.4.7';

const statusOf = (
  code: number | null,
  enhancedCode: string | null,
  stage: ReplyStage | undefined,
): string =>
  code === null ? (enhancedCode ?? '5.0.0') : statusOfReply({ code, enhancedCode, stage });

/** The stored details of an earlier attempt; its reply is scrubbed. */
function lastAttempt(
  { keys, tenant, id }: Message,
  row: RecipientState,
): Omit<RecipientFailure, 'at'> & { readonly at: number | undefined } {
  const count = row.attempts.length - 1;
  const sealed = row.attempts[count];
  if (sealed === undefined) {
    return { at: undefined, site: null, reply: 'never tried', enhancedCode: null };
  }
  const record = attemptRecord(id, row.n, count);
  const attempt = reader(Attempt).parse(openJson(keys.events, { tenant, record }, sealed));
  return { ...attempt, at: Date.parse(attempt.at) };
}
