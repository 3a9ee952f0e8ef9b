import type { Acceptance, MailHeaders } from '@mysmtp/contracts';
import type { SealingKeys } from '@mysmtp/keys';
import type { FoundDomain } from '../domains/sender-domains.ts';

/** The input of the intake: everything except the octets. */
export interface Submission {
  /** The message id, if the submitter has made it. A repeated submission has the same id. */
  readonly id?: string;
  readonly kind: MailHeaders['kind'];
  readonly tenant: string;
  /** Id of the credential, if a client submits the message. */
  readonly credential?: string;
  /** How the client submits it, for the usage log. */
  readonly accepted?: Acceptance;
  /** Empty for `<>`. */
  readonly reversePath: string;
  /** Unchanged and without duplicates. */
  readonly recipients: readonly string[];
  /** The `with` keyword of `Received:` (RFC 3848, RFC 6531). */
  readonly protocol: string;
  /** Whether the client requested SMTPUTF8 (RFC 6531 3.4). */
  readonly smtputf8: boolean;
  /** Maximum number of octets. */
  readonly sizeLimit: number;
  /** The domain of an author in `From:`, if the sender may use it. */
  readonly findDomain: (keys: SealingKeys, domain: string) => FoundDomain;
  /** Whether its author may use this address in `From:`, in addition to its domain. */
  readonly admitsAuthor: (keys: SealingKeys, address: string) => boolean;
  /** It is accepted and shown in the usage log, and never delivered. */
  readonly sandbox?: boolean;
  /** Checked as late as possible: after a revocation or a fence nothing is published. */
  readonly isAuthorized: () => boolean;
}
