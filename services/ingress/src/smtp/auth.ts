import { replies } from '@mysmtp/mail';
import type { SMTPServerOptions } from 'smtp-server';
import { connectionOf } from './connection.ts';
import { asError, type SmtpContext } from './context.ts';

/** AUTH PLAIN and LOGIN (RFC 4954), from our own projection: nobody is asked. */
export function authHandler({
  passwords,
  limits,
  events,
}: SmtpContext): NonNullable<SMTPServerOptions['onAuth']> {
  return ({ username = '', password, authzid }, session, callback) => {
    const connection = connectionOf(session);
    const { listener } = connection;
    const found = passwords.verify(username, password ?? '');
    if (found === 'unavailable') {
      events.authenticationUnavailable(listener);
      return callback(asError(replies.authUnavailable));
    }
    // A credential acts in nobody else's name (RFC 4616 2).
    const actsForItself = authzid === undefined || authzid === '' || authzid === username;
    if ('tenant' in found && actsForItself) {
      connection.sender = found;
      events.authenticated(listener, found);
      return callback(null, { user: found.credential });
    }
    events.authenticationFailed(listener, found.credential);
    connection.authFailures += 1;
    if (connection.authFailures >= limits.authFailureLimit) {
      setImmediate(() => connection.end(replies.tooManyAuthFailures));
    }
    // The same reply whatever was wrong: it must not tell which user names exist.
    return callback(asError(replies.badCredentials));
  };
}
