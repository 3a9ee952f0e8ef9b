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

/**
 * What EHLO offers, and AUTH, which a server that offers AUTH has to understand (RFC 4954 5); whom it
 * names we do not trust and do not pass on. HELO offers nothing (RFC 5321 4.1.1.1).
 */
const parametersOfEhlo: ReadonlySet<string> = new Set(['SIZE', 'BODY', 'SMTPUTF8', 'AUTH']);
const parametersOfHelo: ReadonlySet<string> = new Set();

/** MAIL FROM: who sends must still be allowed to, and as this address. */
export function mailHandler(context: SmtpContext): NonNullable<SMTPServerOptions['onMailFrom']> {
  const { events, limits } = context;

  /** Everything that is known at once; most sessions need no more. */
  function check(
    connection: Connection,
    { given, args }: SMTPServerAddress,
    sender: Sender,
  ): Reply | undefined {
    const { envelope, openingCommand } = connection.client.session;
    if (context.isStopping()) return replies.stopping;
    if (!context.isInForce(sender)) return replies.credentialRevoked;
    if (connection.messages >= limits.messagesPerConnection) return replies.messageLimit;
    if (!context.intake.isReady()) return replies.unavailable;
    const known = openingCommand === 'EHLO' ? parametersOfEhlo : parametersOfHelo;
    if (Object.keys(args || {}).some((name) => !known.has(name))) return replies.parameterUnknown;
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
    // The null reverse-path is nobody's; who the author is, `From:` tells (RFC 5321 4.5.5).
    const isOurs =
      reversePath === '' ||
      context.domains.find(sender.tenant, keys, domainOf(reversePath)) !== undefined;
    if (!isOurs) return replies.senderNotAllowed;
    connection.transaction = { reversePath, recipients: new Map() };
    return undefined;
  }

  /** Waits only where the keys have to be asked for. */
  function decide(
    connection: Connection,
    address: SMTPServerAddress,
  ): Reply | undefined | Promise<Reply | undefined> {
    const { sender } = connection;
    connection.transaction = undefined;
    if (sender === undefined) return replies.authRequired;
    const refusal = check(connection, address, sender);
    if (refusal !== undefined) return refusal;
    // Not fenced, as was checked in this turn.
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
    events.refused(reply, tenant === undefined ? {} : { tenant });
    callback(asError(reply));
    // A session whose credential is gone has nothing left to do here. What the client has pipelined behind
    // MAIL is answered first: without those replies it reads no reason, only a lost connection.
    if (reply === replies.credentialRevoked) setImmediate(() => connection.client.close());
  }

  return (address, session, callback) => {
    void unfailing(answer(connectionOf(session), address, callback), context.log);
  };
}
