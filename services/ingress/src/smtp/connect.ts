import { replies, type Reply } from '@mysmtp/mail';
import type { SMTPServerOptions } from 'smtp-server';
import { connectionOf, type Connection } from './connection.ts';
import { unfailing, type SmtpContext } from './context.ts';

/** Before the greeting: whether this client is listened to at all. `isCrowded` counts its connections. */
export function connectHandler(
  context: SmtpContext,
  isCrowded: (address: string) => boolean,
): NonNullable<SMTPServerOptions['onConnect']> {
  const { events } = context;

  async function refusalOf(connection: Connection): Promise<Reply | undefined> {
    if (context.isStopping()) return replies.stopping;
    if (isCrowded(connection.remoteAddress)) return replies.connectionLimit;
    if (connection.listener !== 'network') return undefined;
    const sender = await context.networks.find(connection.remoteAddress);
    if (sender === 'unavailable') return replies.networkUnavailable;
    if (sender === 'unknown') return replies.networkUnknown;
    connection.sender = sender;
    return undefined;
  }

  async function decide(connection: Connection): Promise<Error | undefined> {
    const refusal = await refusalOf(connection).catch((error: unknown) => {
      context.log.error('session.failed', { error });
      return replies.unavailable;
    });
    if (refusal === undefined) return undefined;
    events.refused(refusal, {});
    // A greeting has no enhanced code (RFC 2034 4).
    return Object.assign(new Error(refusal.text), { responseCode: refusal.code });
  }

  async function answer(
    connection: Connection,
    callback: (error?: Error | null) => void,
  ): Promise<void> {
    callback(await decide(connection));
  }

  return (session, callback) => {
    const connection = connectionOf(session);
    connection.counted = true;
    events.sessionOpened(connection.listener);
    void unfailing(answer(connection, callback), context.log);
  };
}
