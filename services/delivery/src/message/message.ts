import type { Envelope, MailHeaders } from '@mysmtp/contracts';
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
