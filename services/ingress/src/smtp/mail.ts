import { TenantUnavailable } from '@mysmtp/contracts';
import type { SealingKeys } from '@mysmtp/keys';
import {
  checkAddress,
  domainOf,
  isAscii,
  replies,
  withAsciiDomain,
  type Reply,
} from '@mysmtp/mail';
import type { SMTPServerAddress, SMTPServerOptions } from 'smtp-server';
import type { Sender } from '../credentials/sender.ts';
import { connectionOf, type Connection } from './connection.ts';
import { asError, refusalOf, unfailing, type SmtpContext } from './context.ts';
import { isPersonFenced } from './fenced-persons.ts';

/**
 * The parameters that EHLO offers, and AUTH. A server that offers AUTH must accept this parameter (RFC 4954
 * 5); its value is not trusted and not passed on. HELO offers nothing (RFC 5321 4.1.1.1).
 */
const parametersOfEhlo: ReadonlySet<string> = new Set(['SIZE', 'BODY', 'SMTPUTF8', 'AUTH']);
const parametersOfHelo: ReadonlySet<string> = new Set();

/** The octets that the client announces (SIZE, RFC 1870 6); 0 if it announces none. */
const sizeIn = (args: SMTPServerAddress['args']): number =>
  args === false || typeof args['SIZE'] !== 'string' ? 0 : Number(args['SIZE']);

/** MAIL FROM: checks that the sender is still authorized, for this address too. */
export function mailHandler(context: SmtpContext): NonNullable<SMTPServerOptions['onMailFrom']> {
  const { telemetry, limits } = context;

  /** The synchronous checks. Most sessions need no others. */
  function check(
    connection: Connection,
    { given, args }: SMTPServerAddress,
    sender: Sender,
  ): Reply | undefined {
    const { envelope, openingCommand } = connection.client.session;
    if (context.isStopping()) return replies.stopping;
    if (!context.authorization.isAuthorized(sender)) {
      return context.stoppedReply(sender) ?? replies.credentialRevoked;
    }
    if (connection.messages >= limits.messagesPerConnection) return replies.messageLimit;
    if (!context.intake.isReady()) return replies.unavailable;
    const known = openingCommand === 'EHLO' ? parametersOfEhlo : parametersOfHelo;
    if (Object.keys(args || {}).some((name) => !known.has(name))) return replies.parameterUnknown;
    const full = context.quotas.refusal(sender, 1, sizeIn(args));
    if (full !== undefined) return full;
    if (given === '') return undefined;
    if (!isAscii(given) && envelope.smtpUtf8 !== true) return replies.needsSmtputf8;
    return checkAddress(given);
  }

  function withoutKeys({ tenant }: Sender, error: unknown): Reply {
    const reply = error instanceof TenantUnavailable ? refusalOf(error) : replies.unavailable;
    if (reply === replies.unavailable) context.log.warn('keys.unavailable', { tenant, error });
    return reply;
  }

  function begin(
    connection: Connection,
    sender: Sender,
    keys: SealingKeys,
    address: string,
  ): Reply | undefined {
    const reversePath = withAsciiDomain(address);
    if (reversePath === undefined) return replies.badAddress;
    // The null reverse-path belongs to no domain; `From:` has the author (RFC 5321 4.5.5).
    if (reversePath !== '') {
      const domain = context.domains.find(sender.tenant, keys, domainOf(reversePath));
      if (domain === undefined) return replies.senderNotAllowed;
      if (domain === 'unverified') return replies.senderNotVerified;
    }
    const isPinned =
      reversePath === '' || context.credentialLimits.admitsAuthor(sender, keys, reversePath);
    if (!isPinned) return replies.senderNotPinned;
    if (isPersonFenced(context.tenants, sender.tenant, reversePath))
      return replies.personUnavailable;
    connection.transaction = { reversePath, recipients: new Map() };
    return undefined;
  }

  /** Asynchronous only if keys must be fetched. */
  function decide(
    connection: Connection,
    address: SMTPServerAddress,
  ): Reply | undefined | Promise<Reply | undefined> {
    const { sender } = connection;
    connection.transaction = undefined;
    if (sender === undefined) return replies.authRequired;
    const refusal = check(connection, address, sender);
    if (refusal !== undefined) return refusal;
    const { remoteAddress } = connection.client.session;
    const admits = context.credentialLimits.admitsClient(sender, remoteAddress);
    if (typeof admits === 'boolean') return proceed(connection, address, sender, admits);
    return admits
      .then((admitted) => proceed(connection, address, sender, admitted))
      .catch((error: unknown) => withoutKeys(sender, error));
  }

  function proceed(
    connection: Connection,
    address: SMTPServerAddress,
    sender: Sender,
    admitted: boolean,
  ): Reply | undefined | Promise<Reply | undefined> {
    if (!admitted) return replies.clientNotAdmittedAnyMore;
    const keys = context.tenants.run(sender.tenant, 'read', (scope) => scope.keys());
    if (!(keys instanceof Promise)) return begin(connection, sender, keys, address.given);
    return keys.then(
      (fetched) => begin(connection, sender, fetched, address.given),
      (error: unknown) => withoutKeys(sender, error),
    );
  }

  async function answer(
    connection: Connection,
    address: SMTPServerAddress,
    callback: (error?: Error | null) => void,
  ): Promise<void> {
    const decision = decide(connection, address);
    const reply = decision instanceof Promise ? await decision : decision;
    if (reply === undefined) return callback();
    const tenant = connection.sender?.tenant;
    telemetry.refused(reply, tenant === undefined ? {} : { tenant });
    callback(asError(reply));
    // A session without a valid credential is closed. Commands that the client pipelined after MAIL are
    // answered first: without those replies the client gets only a lost connection and no reason.
    const { sender } = connection;
    const isStopped = sender !== undefined && context.stoppedReply(sender) !== undefined;
    const isOver = isStopped || reply === replies.credentialRevoked;
    if (isOver) setImmediate(() => connection.client.close());
  }

  return (address, session, callback) => {
    void unfailing(answer(connectionOf(session), address, callback), context.log);
  };
}
