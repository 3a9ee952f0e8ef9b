import type { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Site } from '../routing/site.ts';

export interface SessionTimes {
  /** Until the greeting is there. */
  readonly greetingTimeout: number;
  /** Without a sign of life, at any other moment. */
  readonly commandTimeout: number;
  /** For the reply to the final dot: ending it too soon makes duplicates (RFC 5321 4.5.3.2.6). */
  readonly finalReplyTimeout: number;
}

export interface TransactionEnvelope {
  readonly reversePath: string;
  readonly recipients: readonly string[];
  readonly size: number;
  readonly smtputf8: boolean;
  readonly eightBit: boolean;
}

/** What a server said, first line to last. */
export interface Reply {
  readonly code: number;
  readonly text: string;
}

/** How one transaction ended. */
export type Transaction =
  /** The server answered for every recipient, in their order. */
  | { readonly end: 'answered'; readonly replies: readonly Reply[] }
  /** The connection broke; a refusal that a recipient had got before still counts. */
  | {
      readonly end: 'broken';
      readonly afterFinalDot: boolean;
      readonly timedOut: boolean;
      readonly reply: Reply | undefined;
      readonly refused: readonly (Reply | undefined)[];
    }
  /** Nothing was sent: the server takes no message of this size, or no command can hold the address. */
  | { readonly end: 'unsendable'; readonly why: 'size' | 'address' }
  /** The content could not be read to its end; nothing was delivered. */
  | { readonly end: 'content_failed'; readonly error: Error };

/** A connection to a site, ready for the next message. */
export interface Session {
  readonly host: string;
  readonly tlsVersion: string | null;
  readonly smtputf8: boolean;
  readonly eightBit: boolean;
  /** Messages sent over it so far. */
  readonly used: number;
  /** How the last of them ended. */
  readonly last: Transaction | undefined;
  isUsable(): boolean;
  /** True once it ended otherwise than by our own wish. */
  isBroken(): boolean;
  transact(
    envelope: TransactionEnvelope,
    content: readonly Buffer[] | Readable,
  ): Promise<Transaction>;
  /** QUIT. */
  close(): void;
  /** Ends it in the middle of whatever it does. */
  break(): void;
}

/** Opens a session. After the signal it dials no further address and breaks the connection it has. */
export type Dial = (site: Site, giveUp: AbortSignal) => Promise<Session>;

/** The other side ended or refused the session before it was ready; `tls` when encrypting was what failed. */
export class SessionError extends Error {
  readonly tls: boolean;
  readonly reply: Reply | undefined;

  constructor(cause: SMTPConnection.SMTPError, tls: boolean) {
    super('The SMTP session could not be opened', { cause });
    this.name = 'SessionError';
    this.tls = tls;
    this.reply = replyOf(cause.response);
  }
}

export function replyOf(response: string | false | undefined): Reply | undefined {
  const code = /^(\d{3})(?:[ -]|$)/.exec(response || '')?.[1];
  return code === undefined ? undefined : { code: Number(code), text: response || '' };
}
