import { replies } from '@mysmtp/mail';
import type { SMTPServerOptions } from 'smtp-server';
import { connectionOf, endWith } from './connection.ts';
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
      connection.slot.authenticated();
      events.authenticated(listener, found);
      return callback(null, { user: found.credential });
    }
    events.authenticationFailed(listener, found.credential);
    connection.authFailures += 1;
    // The same reply whatever was wrong: it must not tell which user names exist.
    callback(asError(replies.badCredentials));
    // In the same turn: what the client has pipelined behind it is not read any more.
    if (connection.authFailures >= limits.authFailureLimit) {
      endWith(connection.client, replies.tooManyAuthFailures);
    }
  };
}
