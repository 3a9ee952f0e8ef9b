import type { Sender } from '../credentials/sender.ts';

/** What a way in hands to the intake: everything but the octets. */
export interface Submission {
  readonly sender: Sender;
  /** Empty for `<>`. */
  readonly reversePath: string;
  /** Each as it was given, none twice. */
  readonly recipients: readonly string[];
  /** How it came in, as `Received:` tells it (RFC 3848, RFC 6531). */
  readonly protocol: string;
}

/** A message that the broker has taken. */
export interface Receipt {
  readonly id: string;
}
