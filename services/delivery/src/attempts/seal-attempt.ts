import { Attempt, attemptRecord, written } from '@mysmtp/contracts';
import { scrubReply } from '@mysmtp/mail';
import { sealJson } from '@mysmtp/seal';
import type { TransportEvidence } from '../dial/evidence.ts';
import type { Message } from '../message/message.ts';

/** Details of one attempt, for one recipient. */
export interface AttemptDetails {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The host that was dialled; `null` if none was. */
  readonly site: string | null;
  /** How the session was secured. */
  readonly transport: TransportEvidence;
  readonly reply: string;
  readonly enhancedCode: string | null;
}

/**
 * Seals the details of an attempt under the events key of the day of acceptance. The reply is scrubbed
 * first, because remote servers often repeat addresses in it. `n`: the recipient's position; `count`: the
 * number of earlier attempts.
 */
export function sealAttempt(
  { envelope, keys, tenant, id }: Message,
  n: number,
  count: number,
  details: AttemptDetails,
): Buffer {
  const recipient = envelope.recipients[n]?.address ?? '';
  const attempt = written(Attempt, {
    at: new Date(details.at).toISOString(),
    site: details.site,
    ...details.transport,
    reply: scrubReply(details.reply, [recipient, envelope.reversePath]),
    enhancedCode: details.enhancedCode,
  });
  const record = attemptRecord(id, n, count);
  return sealJson(keys.events, { tenant, keyId: keys.eventsId, record }, attempt);
}
