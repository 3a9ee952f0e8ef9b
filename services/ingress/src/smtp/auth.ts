import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt } from '@mysmtp/auth-throttle';
import { replies, type Reply } from '@mysmtp/mail';
import type { SMTPServerAuthentication, SMTPServerOptions } from 'smtp-server';
import type { Sender } from '../credentials/sender.ts';
import { connectionOf, endWith, type Connection } from './connection.ts';
import { asError, unfailing, type SmtpContext } from './context.ts';

type Callback = Parameters<NonNullable<SMTPServerOptions['onAuth']>>[2];

/**
 * AUTH PLAIN and LOGIN (RFC 4954), checked against our own projection without a remote call. Nothing is
 * checked while too many attempts have failed (docs/decisions/auth-throttle.md).
 */
export function authHandler(context: SmtpContext): NonNullable<SMTPServerOptions['onAuth']> {
  const { passwords, credentialLimits, authThrottle, limits, quotas, uses, telemetry, log } =
    context;
  const { authReports } = context;

  /** A client that has tried a new credential too early is not refused once it exists. */
  function accountOf(username: string): string {
    const named = passwords.named(username);
    return named === undefined ? `smtp-unknown:${username}` : `smtp:${named.credential}`;
  }

  function refuse(connection: Connection, callback: Callback, reply: Reply): void {
    connection.authFailures += 1;
    callback(asError(reply));
    // In the same turn of the event loop, so that pipelined commands are not read any more.
    if (connection.authFailures >= limits.authFailureLimit) {
      endWith(connection.client, replies.tooManyAuthFailures);
    }
  }

  /** `credential`: its id, if the user name exists. */
  function fail(
    connection: Connection,
    callback: Callback,
    failure: {
      readonly attempt: Attempt;
      readonly username: string;
      readonly credential?: string;
      readonly tenant?: string;
      readonly reply: Reply;
    },
  ): void {
    const { attempt, credential, reply } = failure;
    authThrottle.failed(attempt, credential);
    authReports.failed(attempt.address, failure);
    telemetry.authenticationFailed(connection.listener, credential);
    refuse(connection, callback, reply);
  }

  function succeed(
    connection: Connection,
    callback: Callback,
    { attempt, sender }: { attempt: Attempt; sender: Sender },
  ): void {
    const full = quotas.connected(sender.tenant);
    if (full !== undefined) {
      telemetry.refused(full, { tenant: sender.tenant });
      return endWith(connection.client, full);
    }
    connection.sender = sender;
    connection.slot.authenticated();
    authThrottle.succeeded(attempt);
    authReports.succeeded(attempt.address, sender);
    uses.note('credential', sender.credential);
    telemetry.authenticated(connection.listener, sender);
    callback(null, { user: sender.credential });
  }

  function unavailable({ listener }: Connection, callback: Callback): void {
    telemetry.authenticationUnavailable(listener);
    callback(asError(replies.authUnavailable));
  }

  function verify(
    connection: Connection,
    callback: Callback,
    { username = '', password, authzid }: SMTPServerAuthentication,
    attempt: Attempt,
  ): void | Promise<void> {
    const found = passwords.verify(username, password ?? '');
    if (found === 'unavailable') return unavailable(connection, callback);
    if ('stopped' in found && found.stopped !== undefined) {
      telemetry.refused(found.stopped, {});
      return callback(asError(found.stopped));
    }
    const { credential } = found;
    const tenant = passwords.named(username)?.tenant;
    const failed = {
      attempt,
      username,
      ...(credential !== undefined && { credential }),
      ...(tenant !== undefined && { tenant }),
    };
    // A credential may act only for itself (RFC 4616 2).
    const actsForItself = authzid === undefined || authzid === '' || authzid === username;
    if (!('tenant' in found) || !actsForItself) {
      // The same reply for every error: it must not show which user names exist.
      return fail(connection, callback, { ...failed, reply: replies.badCredentials });
    }
    const decide = (admitted: boolean): void =>
      admitted
        ? succeed(connection, callback, { attempt, sender: found })
        : // Only a client that has the password learns this.
          fail(connection, callback, { ...failed, reply: replies.clientNotAdmitted });
    const admits = credentialLimits.admitsClient(found, attempt.address);
    if (typeof admits === 'boolean') return decide(admits);
    return admits.then(decide, () => unavailable(connection, callback));
  }

  return (auth, session, callback) => {
    const connection = connectionOf(session);
    const attempt = { address: session.remoteAddress, account: accountOf(auth.username ?? '') };
    const decision = authThrottle.decide(attempt);
    if (decision.refused !== undefined) {
      telemetry.authenticationThrottled(connection.listener, decision.refused);
      authReports.throttled(attempt.address, decision.refused);
      return refuse(connection, callback, replies.authThrottled);
    }
    const work =
      decision.delay === 0
        ? verify(connection, callback, auth, attempt)
        : sleep(decision.delay).then(() => {
            // The client may not have waited.
            if (connection.client.turn === 'closed') return undefined;
            return verify(connection, callback, auth, attempt);
          });
    if (work instanceof Promise) void unfailing(work, log);
  };
}
