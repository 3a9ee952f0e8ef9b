import type { Envelope, MailHeaders } from '@mysmtp/contracts';
import type { SealingKeys } from '@mysmtp/keys';
import type { Content } from './content.ts';

/** A message that is open in memory, for as long as it is handled and no longer. */
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
