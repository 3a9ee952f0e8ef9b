import { z } from 'zod';
import { growingWord } from './message.ts';

const Base64 = z.string();

/**
 * One recipient as given at RCPT, never parsed again. `index` and `domainIndex` are the blind indexes of the
 * address and of its domain. `log` is the sealed part of its row in the usage log (`UsageDetails`), sealed at
 * acceptance and only passed on afterwards.
 */
export const Recipient = z.strictObject({
  address: z.string(),
  index: Base64,
  domainIndex: Base64.exactOptional(),
  log: Base64,
});
export type Recipient = z.infer<typeof Recipient>;

/** The envelope (RFC 5321 2.3.1) and the decisions at acceptance. Transported sealed. */
export const Envelope = z.strictObject({
  reversePath: z.string(),
  senderIndex: Base64,
  /** Absent for the null reverse-path. */
  senderDomainIndex: Base64.exactOptional(),
  /** Blind indexes of the tags, if there are any. */
  tagIndexes: z.array(Base64).min(1).exactOptional(),
  /** Blind indexes of the persons whose failed delivery a DSN is about. The release before writes none. */
  about: z.array(Base64).min(1).exactOptional(),
  recipients: z.array(Recipient).min(1),
  /**
   * SMTPUTF8 (RFC 6531), if an address in the envelope or in the header needs it, and BODY=8BITMIME
   * (RFC 6152), if the content does.
   */
  smtputf8: z.boolean(),
  eightBit: z.boolean(),
  /** Octets of the message as it will be sent, before dot-stuffing and DKIM. */
  size: z.number().int().nonnegative(),
  /** Decided at acceptance: sign for this domain with this relaxed SHA-256 body hash, or do not sign. */
  signing: z.strictObject({ domain: z.string(), bodyHash: Base64 }).nullable(),
  /** Location of the sealed content if it is not in the broker message. */
  spool: z.strictObject({ id: z.string(), chunks: z.number().int().positive() }).nullable(),
});
export type Envelope = z.infer<typeof Envelope>;

/**
 * AMQP headers of a message for delivery: the only clear text, without personal data. `kind` `dsn` is one
 * of our delivery status notifications (RFC 3464), with the null reverse-path. `canary` is planted for an
 * erasure, must be found by its verifier, and is never delivered.
 */
export const MailHeaders = z.object({
  v: z.literal(1),
  id: z.string(),
  tenant: z.string(),
  kind: z.enum(['message', 'dsn', 'canary']),
  /** Id of the credential that submitted it. Only of a `message`. */
  credential: z.string().exactOptional(),
});
export type MailHeaders = z.infer<typeof MailHeaders>;

/**
 * AMQP headers of several messages for delivery in one broker message (`packBatch` of `@mysmtp/mail`). Each has
 * its own `MailHeaders` and its own outcome.
 */
export const MailBatchHeaders = z.object({
  v: z.literal(1),
  /** How many there are. */
  messages: z.number().int().min(2),
});
export type MailBatchHeaders = z.infer<typeof MailBatchHeaders>;

/** Octets of a batch. A larger message is published alone. */
export const batchLimit = 64 * 1024;

/** The only recipient of a canary: a domain that never exists (RFC 2606 2). */
export const canaryAddress = 'canary@mysmtp.invalid';

/** How a client submitted a message. */
export const Acceptance = z.strictObject({
  /** Id of its credential. */
  credential: z.string(),
  /** The listener: `starttls`, `tls`, `network`. */
  listener: z.string(),
  /** `null`: in clear, which only the listener `network` permits. */
  tls: z.strictObject({ version: z.string(), cipher: z.string() }).nullable(),
});
export type Acceptance = z.infer<typeof Acceptance>;

/** A tag of a message: a word with which a customer finds its mail again. It may be personal. */
export const Tag = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
/** How many tags a message may have. */
export const mostTags = 5;

/** The sealed details of a row of the usage log. The release before does not write the last two. */
export const UsageDetails = z.strictObject({
  sender: z.string(),
  recipient: z.string(),
  messageId: z.string(),
  tags: z.array(Tag).exactOptional(),
  /** Absent if no client submitted it: a notice of ours. */
  accepted: Acceptance.exactOptional(),
});
export type UsageDetails = z.infer<typeof UsageDetails>;

/**
 * The record name to which the sealed `UsageDetails` of the recipient at position `n` of message `id` are
 * bound.
 */
export const detailsRecord = (id: string, n: number): string => `details:${id}:${String(n)}`;

/**
 * The record name to which a sealed `Attempt` is bound. It has the number of the recipient's earlier
 * attempts, so that none can be repeated or exchanged with another.
 */
export const attemptRecord = (id: string, n: number, count: number): string =>
  `attempt:${id}:${String(n)}:${String(count)}`;

/** One delivery attempt in the usage log. Sealed, because a site can name a person. */
export const Attempt = z.strictObject({
  /** RFC 3339. */
  at: z.string(),
  site: z.string().nullable(),
  tlsVersion: z.string().nullable(),
  // The release before writes none of these four. They are `null` if no session was opened.
  cipher: z.string().nullable().exactOptional(),
  /** By what the certificate of the host was verified; `null` if it was not, or without TLS. */
  verifiedBy: growingWord(['pkix', 'other'], 'other').nullable().exactOptional(),
  /** Why not: a code of Node or OpenSSL. A certificate that is not valid does not stop opportunistic TLS. */
  certificateProblem: z.string().nullable().exactOptional(),
  /** Why the session was in clear: STARTTLS was not offered, or failed. */
  clearBecause: growingWord(['not_offered', 'tls_failed', 'policy', 'other'], 'other')
    .nullable()
    .exactOptional(),
  /** The remote reply with addresses scrubbed, or our own reason if no server answered. */
  reply: z.string(),
  enhancedCode: z.string().nullable(),
});
export type Attempt = z.infer<typeof Attempt>;
