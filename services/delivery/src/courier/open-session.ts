import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import {
  replyOf,
  SessionError,
  type Reply,
  type Session,
  type SessionTimes,
  type Transaction,
  type TransactionEnvelope,
} from './session.ts';
import { createRelayConnection } from './smtp-connection.ts';

/** Greets on a socket that is connected, and encrypts where the server offers it. */
export function openSession(options: {
  readonly socket: Socket;
  readonly host: string;
  readonly name: string;
  readonly tls: boolean;
  readonly times: SessionTimes;
}): Promise<Session> {
  const { socket, host, name, tls, times } = options;
  let broken = false;
  let ready = false;
  let finalDot = false;
  let used = 0;
  let last: Transaction | undefined;

  const { smtp, supports, next } = createRelayConnection(
    {
      connection: socket,
      host,
      name,
      secure: false,
      ignoreTLS: !tls,
      opportunisticTLS: tls,
      // Opportunistic (RFC 7435): a bad certificate is better than none, and nothing is promised.
      tls: { rejectUnauthorized: false },
      connectionTimeout: times.greetingTimeout + times.commandTimeout,
      greetingTimeout: times.greetingTimeout,
      socketTimeout: times.commandTimeout,
    },
    () => {
      finalDot = true;
      if (smtp._socket) smtp._socket.setTimeout(times.finalReplyTimeout);
    },
  );

  const session: Session = {
    host,
    get tlsVersion() {
      return smtp._socket instanceof TLSSocket ? smtp._socket.getProtocol() : null;
    },
    get smtputf8() {
      return supports('SMTPUTF8');
    },
    get eightBit() {
      return supports('8BITMIME');
    },
    get used() {
      return used;
    },
    get last() {
      return last;
    },
    isUsable: () => ready && !broken && !smtp.destroyed && !!smtp._socket && smtp._socket.writable,
    isBroken: () => broken,
    async transact(envelope, content) {
      used += 1;
      finalDot = false;
      next({ smtputf8: envelope.smtputf8, inMemory: Array.isArray(content) });
      last = undefined;
      const result = await send(envelope, content);
      last = result;
      if (result.end === 'content_failed') session.break();
      else if (session.isUsable() && needsReset(result)) await reset();
      return result;
    },
    close() {
      ready = false;
      if (!smtp.destroyed) smtp.quit();
    },
    break() {
      broken = true;
      // Through the socket, not by close(): only an error ends the transaction that waits.
      if (smtp._socket) smtp._socket.destroy(new Error('Broken by us'));
      else smtp.close();
    },
  };

  function send(
    envelope: TransactionEnvelope,
    content: readonly Buffer[] | Readable,
  ): Promise<Transaction> {
    const recipients = [...envelope.recipients];
    // nodemailer keeps its books on the envelope it is given.
    const books: Books = {
      from: envelope.reversePath,
      to: recipients,
      size: envelope.size,
      use8BitMime: envelope.eightBit,
    };
    return new Promise((resolve) => {
      smtp.send(books, content as Readable, (error, info) => {
        if (finalDot && smtp._socket) smtp._socket.setTimeout(times.commandTimeout);
        const refused = refusals(recipients, books.rejectedErrors);
        if (error === null) {
          const reply = replyOf(info.response) ?? { code: 250, text: info.response };
          resolve({ end: 'answered', replies: refused.map((refusal) => refusal ?? reply) });
        } else {
          resolve(failed(error, refused));
        }
      });
    });
  }

  function failed(
    error: SMTPConnection.SMTPError,
    refused: readonly (Reply | undefined)[],
  ): Transaction {
    if (error.code === 'ESTREAM') return { end: 'content_failed', error };
    const reply = replyOf(error.response);
    const closing = reply?.code === 421;
    if (!closing && (error.code === 'EENVELOPE' || error.code === 'EMESSAGE')) {
      if (reply === undefined) {
        return { end: 'unsendable', why: error.code === 'EMESSAGE' ? 'size' : 'address' };
      }
      // Pipelined recipients of a refused MAIL FROM are refused for that alone.
      const senderRefused = error.command === 'MAIL FROM';
      const replies = refused.map((refusal) => (senderRefused ? reply : (refusal ?? reply)));
      return { end: 'answered', replies };
    }
    broken = true;
    const timedOut = error.code === 'ETIMEDOUT';
    return { end: 'broken', afterFinalDot: finalDot, timedOut, reply, refused };
  }

  /** A refused message may have left its transaction open (RFC 5321 4.1.1.5). */
  function reset(): Promise<void> {
    return new Promise((resolve) => {
      smtp.once('end', resolve);
      smtp.reset((error) => {
        smtp.removeListener('end', resolve);
        if (error !== null) session.break();
        resolve();
      });
    });
  }

  return new Promise((resolve, reject) => {
    const refuse = (error: SMTPConnection.SMTPError): void => {
      broken = true;
      if (!ready) reject(new SessionError(error, error.code === 'ETLS' || smtp.upgrading === true));
    };
    smtp.on('error', refuse);
    smtp.connect((error) => {
      if (error !== undefined) return refuse(error);
      ready = true;
      resolve(session);
    });
  });
}

type Books = SMTPConnection.Envelope & { rejectedErrors?: SMTPConnection.SMTPError[] };

/** Whom the server refused at RCPT, in the order of the envelope. */
function refusals(
  recipients: readonly string[],
  errors: readonly SMTPConnection.SMTPError[] = [],
): (Reply | undefined)[] {
  if (errors.length === 0) return recipients.map(() => undefined);
  const byAddress = new Map(errors.map((error) => [error.recipient, replyOf(error.response)]));
  return recipients.map((recipient) => byAddress.get(recipient));
}

const needsReset = (transaction: Transaction): boolean =>
  transaction.end === 'unsendable' ||
  (transaction.end === 'answered' && transaction.replies.every(({ code }) => code >= 400));
