import {
  checkAddress,
  isAscii,
  replies,
  splitAddress,
  withAsciiDomain,
  type Reply,
} from '@mysmtp/mail';
import type { SMTPServerAddress, SMTPServerOptions } from 'smtp-server';
import { connectionOf, type Connection } from './connection.ts';
import { asError, type SmtpContext } from './context.ts';
import { isPersonFenced } from './fenced-persons.ts';

/** RCPT TO: adds one address. It is kept unchanged and not parsed again. */
export function rcptHandler({
  telemetry,
  limits,
  postmaster,
  quotas,
  tenants,
}: SmtpContext): NonNullable<SMTPServerOptions['onRcptTo']> {
  function add(connection: Connection, { given, args }: SMTPServerAddress): Reply | undefined {
    const { transaction, client, sender } = connection;
    const recipients = transaction?.recipients;
    if (recipients === undefined || sender === undefined) return replies.unavailable;
    if (args !== false && Object.keys(args).length > 0) return replies.parameterUnknown;
    if (!isAscii(given) && client.session.envelope.smtpUtf8 !== true) return replies.needsSmtputf8;
    // The one mailbox without a domain that every server has (RFC 5321 4.1.1.3, 4.5.1).
    const address = given.toLowerCase() === 'postmaster' ? postmaster : given;
    const wrong = checkAddress(address);
    if (wrong !== undefined) return wrong;
    const recipient = withAsciiDomain(address);
    if (recipient === undefined) return replies.badAddress;
    const { localPart, domain } = splitAddress(recipient);
    const key = `${localPart}@${domain.toLowerCase()}`;
    if (recipients.has(key)) return undefined;
    if (recipients.size >= limits.recipientLimit) return replies.tooManyRecipients;
    const full = quotas.refusal(sender, recipients.size + 1, 0);
    if (full !== undefined) return full;
    if (isPersonFenced(tenants, sender.tenant, recipient)) return replies.personUnavailable;
    recipients.set(key, recipient);
    return undefined;
  }

  return (address, session, callback) => {
    const connection = connectionOf(session);
    const refusal = add(connection, address);
    if (refusal === undefined) return callback();
    const tenant = connection.sender?.tenant;
    telemetry.refused(refusal, tenant === undefined ? {} : { tenant });
    return callback(asError(refusal));
  };
}
