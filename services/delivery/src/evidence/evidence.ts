import type { Attempt } from '@mysmtp/contracts';
import { scrubReply } from '@mysmtp/mail';
import { sealJson } from '@mysmtp/seal';
import type { Message } from '../message/message.ts';
import type { Row } from '../shelf/rows.ts';

/** What one attempt showed, for one recipient. */
export interface Sighting {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The host that was dialled; `null` where nobody was. */
  readonly site: string | null;
  readonly tlsVersion: string | null;
  readonly reply: string;
  readonly enhancedCode: string | null;
}

/**
 * Adds an attempt to the row's evidence, sealed under the events key of the day of acceptance.
 * Remote servers like to repeat addresses: the reply is scrubbed before it is kept.
 */
export function addEvidence(message: Message, row: Row, sighting: Sighting): void {
  const { envelope, keys, tenant, id } = message;
  const recipient = envelope.recipients[row.n]?.address ?? '';
  const attempt: Attempt = {
    at: new Date(sighting.at).toISOString(),
    site: sighting.site,
    tlsVersion: sighting.tlsVersion,
    reply: scrubReply(sighting.reply, [recipient, envelope.reversePath]),
    enhancedCode: sighting.enhancedCode,
  };
  const record = `attempt:${id}:${String(row.n)}`;
  row.attempts.push(sealJson(keys.events, { tenant, keyId: keys.eventsId, record }, attempt));
}
