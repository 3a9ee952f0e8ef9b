import type { MailHeaders } from '@mysmtp/contracts';
import type { SealingKeys } from '@mysmtp/keys';
import type { SenderDomain } from '../domains/sender-domains.ts';

/** What a way in hands to the intake: everything but the octets. */
export interface Submission {
  readonly kind: MailHeaders['kind'];
  readonly tenant: string;
  /** Empty for `<>`. */
  readonly reversePath: string;
  /** Each as it was given, none twice. */
  readonly recipients: readonly string[];
  /** How it came in, as `Received:` tells it (RFC 3848, RFC 6531). */
  readonly protocol: string;
  /** Whether the client has asked for SMTPUTF8 (RFC 6531 3.4). */
  readonly smtputf8: boolean;
  /** Octets that it may have. */
  readonly sizeLimit: number;
  /** The domain of an author in `From:`, if the message may be of it. */
  readonly findDomain: (keys: SealingKeys, domain: string) => SenderDomain | undefined;
  /** Asked as late as can be: after a revocation or a fence nothing is published. */
  readonly isWanted: () => boolean;
}
