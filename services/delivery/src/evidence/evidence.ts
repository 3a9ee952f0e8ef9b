import { Attempt, attemptRecord, written } from '@mysmtp/contracts';
import { scrubReply } from '@mysmtp/mail';
import { sealJson } from '@mysmtp/seal';
import type { Message } from '../message/message.ts';

/** What one attempt showed, for one recipient. */
export interface Sighting {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The host that was dialled; `null` if nobody was. */
  readonly site: string | null;
  readonly tlsVersion: string | null;
  readonly reply: string;
  readonly enhancedCode: string | null;
}

/**
 * The evidence of an attempt, sealed under the events key of the day of acceptance. Remote servers
 * like to repeat addresses: the reply is scrubbed before it is kept. `n`: the recipient's place;
 * `count`: how many attempts it has had before.
 */
export function sealAttempt(
  { envelope, keys, tenant, id }: Message,
  n: number,
  count: number,
  sighting: Sighting,
): Buffer {
  const recipient = envelope.recipients[n]?.address ?? '';
  const attempt = written(Attempt, {
    at: new Date(sighting.at).toISOString(),
    site: sighting.site,
    tlsVersion: sighting.tlsVersion,
    reply: scrubReply(sighting.reply, [recipient, envelope.reversePath]),
    enhancedCode: sighting.enhancedCode,
  });
  const record = attemptRecord(id, n, count);
  return sealJson(keys.events, { tenant, keyId: keys.eventsId, record }, attempt);
}
