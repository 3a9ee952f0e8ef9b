import { checkAddress, replies, splitAddress, withAsciiDomain, type Reply } from '@mysmtp/mail';
import type { SMTPServerAddress, SMTPServerOptions } from 'smtp-server';
import { connectionOf, type Connection } from './connection.ts';
import { asError, type SmtpContext } from './context.ts';

/** RCPT TO: one address, kept as it was given and never parsed again. */
export function rcptHandler({
  events,
  limits,
}: SmtpContext): NonNullable<SMTPServerOptions['onRcptTo']> {
  function add(connection: Connection, { address, args }: SMTPServerAddress): Reply | undefined {
    const recipients = connection.transaction?.recipients;
    if (recipients === undefined) return replies.unavailable;
    if (args !== false && Object.keys(args).length > 0) return replies.parameterUnknown;
    if (!connection.lineIsAscii && !connection.session.envelope.smtpUtf8) {
      return replies.needsSmtputf8;
    }
    const wrong = checkAddress(address);
    if (wrong !== undefined) return wrong;
    const recipient = withAsciiDomain(address);
    if (recipient === undefined) return replies.badAddress;
    const { localPart, domain } = splitAddress(recipient);
    const key = `${localPart}@${domain.toLowerCase()}`;
    if (recipients.has(key)) return undefined;
    if (recipients.size >= limits.recipientLimit) return replies.tooManyRecipients;
    recipients.set(key, recipient);
    return undefined;
  }

  return (address, session, callback) => {
    const connection = connectionOf(session);
    const refusal = add(connection, address);
    if (refusal === undefined) return callback();
    const tenant = connection.sender?.tenant;
    events.refused(refusal, tenant === undefined ? {} : { tenant });
    return callback(asError(refusal));
  };
}
