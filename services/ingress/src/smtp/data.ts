import { TenantUnavailable, type Acceptance } from '@mysmtp/contracts';
import { replies, type Reply } from '@mysmtp/mail';
import type { SMTPServerDataStream, SMTPServerOptions, SMTPServerSession } from 'smtp-server';
import { Node, type Yallist } from 'yallist';
import type { AcceptedMessage } from '../telemetry.ts';
import type { Submission } from '../intake/submission.ts';
import { connectionOf, type Connection } from './connection.ts';
import { asError, refusalOf, unfailing, type SmtpContext } from './context.ts';

/** DATA: passes the message to the intake; 250 only if it is accepted. `underWay`: not answered yet. */
export function dataHandler(
  context: SmtpContext,
  underWay: Yallist<Promise<void>>,
): NonNullable<SMTPServerOptions['onData']> {
  const { intake, quotas, uses, telemetry, log } = context;

  /** `undefined` if the client disconnected before the end of the message: no reply is possible. */
  async function take(
    connection: Connection,
    stream: SMTPServerDataStream,
  ): Promise<AcceptedMessage | Reply | undefined> {
    const { sender } = connection;
    const submission = submissionOf(connection, context);
    if (sender === undefined || submission === undefined || !intake.isReady()) {
      return replies.unavailable;
    }
    const recipients = submission.recipients.length;
    /** The octets that are counted for the sender, unless the message gets no 250. */
    let counted: number | undefined;
    try {
      const answer = await intake.take(submission, stream, (octets) => {
        const refusal = quotas.take(sender, recipients, octets);
        if (refusal !== undefined) return refusal;
        counted = octets;
        connection.published = true;
        return undefined;
      });
      if ('id' in answer) counted = undefined;
      return answer === replies.credentialRevoked
        ? (context.stoppedReply(sender) ?? answer)
        : answer;
    } catch (error) {
      if (error instanceof TenantUnavailable) return refusalOf(error);
      if (stream.destroyed && !stream.readableEnded) return undefined;
      log.error('submission.failed', { tenant: submission.tenant, error });
      return replies.unavailable;
    } finally {
      connection.published = false;
      if (counted !== undefined) quotas.giveBack(sender, recipients, counted);
    }
  }

  async function receive(
    stream: SMTPServerDataStream,
    connection: Connection,
    callback: (error?: Error | null, message?: string) => void,
  ): Promise<void> {
    const answer = await take(connection, stream);
    if (answer === undefined) return telemetry.messageAbandoned(connection.listener);
    connection.transaction = undefined;
    connection.messages += 1;
    // The rest of the message is read first. The reply is sent after its end.
    if (!stream.readableEnded) stream.resume();
    if ('id' in answer) {
      telemetry.messageAccepted(answer);
      if (connection.sender !== undefined) uses.note('credential', connection.sender.credential);
      return callback(null, `2.0.0 Ok: queued as ${answer.id}`);
    }
    const tenant = connection.sender?.tenant;
    telemetry.refused(answer, tenant === undefined ? {} : { tenant });
    return callback(asError(answer));
  }

  return (stream, session, callback) => {
    const work = new Node(unfailing(receive(stream, connectionOf(session), callback), log));
    underWay.pushNode(work);
    void work.value.then(() => underWay.removeNode(work));
  };
}

function submissionOf(
  { sender, transaction, client, listener }: Connection,
  { domains, authorization, credentialLimits, limits }: SmtpContext,
): Submission | undefined {
  if (sender === undefined || transaction === undefined) return undefined;
  const { tenant } = sender;
  return {
    kind: 'message',
    tenant,
    credential: sender.credential,
    accepted: { credential: sender.credential, listener, tls: tlsOf(client.session) },
    reversePath: transaction.reversePath,
    recipients: [...transaction.recipients.values()],
    protocol: protocolOf(client.session),
    smtputf8: client.session.envelope.smtpUtf8 === true,
    sizeLimit: limits.sizeLimit,
    sandbox: credentialLimits.isSandboxed(sender),
    findDomain: (keys, domain) => domains.find(tenant, keys, domain),
    admitsAuthor: (keys, address) => credentialLimits.admitsAuthor(sender, keys, address),
    isAuthorized: () => authorization.isAuthorized(sender),
  };
}

function tlsOf({ tlsOptions }: SMTPServerSession): Acceptance['tls'] {
  if (tlsOptions === false) return null;
  // The version in which a cipher was introduced is that of the session, because listeners offer only AEAD.
  return { version: tlsOptions.version, cipher: tlsOptions.name };
}

/** The `with` keyword of `Received:` (RFC 3848; RFC 6531 4.3 with SMTPUTF8). */
function protocolOf({ transmissionType, envelope }: SMTPServerSession): string {
  if (!transmissionType.startsWith('E')) return 'SMTP';
  return envelope.smtpUtf8 === true ? `UTF8${transmissionType.slice(1)}` : transmissionType;
}
