import { replies } from '@mysmtp/mail';
import type { SMTPServerOptions } from 'smtp-server';
import { connectionOf, endWith } from './connection.ts';
import { asError, type SmtpContext } from './context.ts';

/** AUTH PLAIN and LOGIN (RFC 4954), checked against our own projection without a remote call. */
export function authHandler({
  passwords,
  limits,
  quotas,
  telemetry,
}: SmtpContext): NonNullable<SMTPServerOptions['onAuth']> {
  return ({ username = '', password, authzid }, session, callback) => {
    const connection = connectionOf(session);
    const { listener } = connection;
    const found = passwords.verify(username, password ?? '');
    if (found === 'unavailable') {
      telemetry.authenticationUnavailable(listener);
      return callback(asError(replies.authUnavailable));
    }
    if ('stopped' in found && found.stopped !== undefined) {
      telemetry.refused(found.stopped, {});
      return callback(asError(found.stopped));
    }
    // A credential may act only for itself (RFC 4616 2).
    const actsForItself = authzid === undefined || authzid === '' || authzid === username;
    if ('tenant' in found && actsForItself) {
      const full = quotas.connected(found.tenant);
      if (full !== undefined) {
        telemetry.refused(full, { tenant: found.tenant });
        return endWith(connection.client, full);
      }
      connection.sender = found;
      connection.slot.authenticated();
      telemetry.authenticated(listener, found);
      return callback(null, { user: found.credential });
    }
    telemetry.authenticationFailed(listener, found.credential);
    connection.authFailures += 1;
    // The same reply for every error: it must not show which user names exist.
    callback(asError(replies.badCredentials));
    // In the same turn of the event loop, so that pipelined commands are not read any more.
    if (connection.authFailures >= limits.authFailureLimit) {
      endWith(connection.client, replies.tooManyAuthFailures);
    }
  };
}
