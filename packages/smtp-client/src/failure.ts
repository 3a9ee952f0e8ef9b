import { classify } from '@mysmtp/mail';
import type { Reply } from './reply-parser.ts';

/** The activity of the client. `idle`: none, between two messages. */
export type Stage =
  | 'connect'
  | 'greeting'
  | 'ehlo'
  | 'helo'
  /** From the command STARTTLS to its reply. */
  | 'starttls'
  /** The TLS handshake. */
  | 'tls'
  | 'idle'
  | 'rset'
  | 'mail'
  | 'rcpt'
  | 'data'
  /** While the message is sent, before its final dot or its last chunk. */
  | 'content'
  /** From the final dot, or the last chunk, to its reply. */
  | 'final_dot'
  | 'quit';

export type Reason =
  /** The server answered 4yz or 5yz. */
  | 'refused'
  /** The server answered 421: it closes the connection (RFC 5321 3.8). */
  | 'closing'
  /** The server sent a line without a code, or a reply over the limit. */
  | 'unreadable'
  /** The code of the reply is not allowed at its stage. */
  | 'unexpected'
  /** A reply arrived although none was due. */
  | 'unsolicited'
  /** The stage or the whole attempt timed out. */
  | 'timeout'
  /** The server ended the connection. */
  | 'closed'
  /** The connection was reset, or the network failed. */
  | 'lost'
  /** TLS failed, in the handshake or after it. */
  | 'tls'
  /** The caller's signal, or `break`. */
  | 'aborted'
  /** The message could not be read to its end. */
  | 'content'
  /** The server lacks an extension that the message or the caller requires. */
  | 'not_offered'
  /** The message is larger than the server accepts. */
  | 'too_large'
  /** The address does not fit into a command. */
  | 'bad_address'
  /** The server accepts no more messages over this connection (RFC 9422 MAILMAX), or it was closed. */
  | 'used_up';

/** The reason of a failure. It contains an address only if the server's own text does. */
export interface Failure {
  readonly stage: Stage;
  readonly reason: Reason;
  /** The code of the server's reply; null if no reply was read. */
  readonly code: number | null;
  /** The server's (RFC 2034), or the client's if no reply was read. */
  readonly enhancedCode: string | null;
  /** The server's reply, or a phrase of the client. */
  readonly text: string;
  /** False if the same message may succeed later. */
  readonly permanent: boolean;
}

/** RFC 3463 codes and phrases for failures without a reply. */
const words: Readonly<Record<Exclude<Reason, 'refused' | 'closing'>, readonly [string, string]>> = {
  unreadable: ['4.5.0', 'The server sent a reply that cannot be read'],
  unexpected: ['4.5.0', 'The server sent a reply that does not match the command'],
  unsolicited: ['4.5.0', 'The server sent a reply before a command required one'],
  timeout: ['4.4.2', 'The server did not answer in time'],
  closed: ['4.4.2', 'The server ended the connection'],
  lost: ['4.4.2', 'The connection was lost'],
  tls: ['4.7.5', 'TLS failed'],
  aborted: ['4.3.2', 'The client ended the connection'],
  content: ['4.3.0', 'The message could not be read'],
  not_offered: ['5.3.3', 'The server does not support what this message needs'],
  too_large: ['5.3.4', 'The message is larger than the server takes'],
  bad_address: ['5.1.3', 'The address cannot be given in a command'],
  used_up: ['4.4.2', 'The connection takes no more messages'],
};

/** A failure without a reply of the server. */
export function ownFailure(
  stage: Stage,
  reason: keyof typeof words,
  special: { readonly enhancedCode?: string; readonly text?: string } = {},
): Failure {
  const [enhancedCode, text] = words[reason];
  const failure = { stage, reason, code: null, enhancedCode, text, ...special };
  return { ...failure, permanent: failure.enhancedCode.startsWith('5') };
}

export const isPositive = ({ code }: Reply): boolean => code >= 200 && code <= 299;

/** The failure for a reply that should have been positive. */
export function failureOfReply(stage: Stage, reply: Reply): Failure {
  const { code, enhancedCode, text } = reply;
  const reason = code === 421 ? 'closing' : code >= 400 ? 'refused' : 'unexpected';
  return { stage, reason, code, enhancedCode, text, permanent: classify(code) === 'permanent' };
}

/**
 * The server accepts no more recipients in this transaction (RFC 3463 X.5.3; RFC 5321 4.5.3.1.10: 452, or 552
 * from old servers; OpenSMTPD answers 451 4.5.3). Both codes are also used for a full mailbox and a full
 * disk; the enhanced code distinguishes them.
 */
export function isRecipientLimit({ code, enhancedCode, text }: Reply): boolean {
  if (isTooMany(enhancedCode)) return true;
  if (code !== 452 && code !== 552) return false;
  if (enhancedCode === null) return !/\b(?:quota|full|space|storage)\b/i.test(text);
  return /too many (?:recipient|rcpt)/i.test(text);
}

/**
 * The server accepts no more messages over this connection, and reports this at MAIL without 421: OpenSMTPD
 * answers "452 4.5.3 Too many messages sent".
 */
export const isMessageLimit = ({ code, enhancedCode, text }: Reply): boolean =>
  code < 500 && (isTooMany(enhancedCode) || (code === 452 && /too many messages/i.test(text)));

const isTooMany = (enhancedCode: string | null): boolean =>
  enhancedCode !== null && /^[45]\.5\.3$/.test(enhancedCode);

/** The session could not be opened. */
export class SessionFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    const { stage, reason, code } = failure;
    const detail = code === null ? reason : `${reason} ${String(code)}`;
    super(`The SMTP session could not be opened: ${detail} at ${stage}`, { cause });
    this.name = 'SessionFailure';
    this.failure = failure;
  }

  /** TLS failed: over a new connection in clear text the server may accept mail. */
  get isTls(): boolean {
    const { stage, reason } = this.failure;
    return stage === 'starttls' || stage === 'tls' || reason === 'tls';
  }
}
