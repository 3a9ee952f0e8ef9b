import { replies, type Reply } from '@mysmtp/mail';
import type { SMTPServerOptions } from 'smtp-server';
import type { ListenerName } from '../telemetry.ts';
import { endWith, openConnection, type Connection } from './connection.ts';
import { unfailing, type SmtpContext } from './context.ts';
import type { ConnectionLimits } from './connection-limits.ts';

/** Before the greeting: decides whether this client is accepted. */
export function connectHandler(
  context: SmtpContext,
  listener: ListenerName,
  connectionLimits: ConnectionLimits,
): NonNullable<SMTPServerOptions['onConnect']> {
  const { telemetry } = context;

  async function refusalOf(connection: Connection): Promise<Reply | undefined> {
    if (context.isStopping()) return replies.stopping;
    if (connection.slot.isRefused) return replies.connectionLimit;
    if (listener !== 'network') return undefined;
    const sender = await context.networks.find(connection.client.session.remoteAddress);
    if (sender === 'unavailable') return replies.networkUnavailable;
    if (sender === 'unknown') return replies.networkUnknown;
    const full = context.quotas.connected(sender.tenant);
    if (full !== undefined) return full;
    connection.sender = sender;
    connection.slot.authenticated();
    return undefined;
  }

  async function decide(connection: Connection): Promise<Error | undefined> {
    const refusal = await refusalOf(connection).catch((error: unknown) => {
      context.log.error('session.failed', { error });
      return replies.unavailable;
    });
    if (refusal === undefined) return undefined;
    telemetry.refused(refusal, {});
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
    const { client } = session;
    const slot = connectionLimits.slotOf(client.acceptedSocket);
    slot.evict = () => {
      telemetry.refused(replies.connectionLimit, {});
      endWith(client, replies.connectionLimit);
    };
    const connection = openConnection(session, listener, slot);
    telemetry.sessionOpened(listener);
    void unfailing(answer(connection, callback), context.log);
  };
}
