import { CodedError } from '@mysmtp/contracts';
import type { Reply } from '@mysmtp/mail';
import type { SMTPServerClient, SMTPServerSession } from 'smtp-server';
import type { Sender } from '../credentials/sender.ts';
import type { ListenerName } from '../events.ts';
import type { Slot } from './crowd.ts';

/** The mail transaction that MAIL has begun (RFC 5321 3.3). */
export interface Transaction {
  readonly reversePath: string;
  /**
   * Each address as it was given, found by its local part as it is and its domain in lower case:
   * nothing else makes two addresses one, and each that got 250 is delivered to.
   */
  readonly recipients: Map<string, string>;
}

/** What we know of a connection beside what the library does. */
export interface Connection {
  readonly listener: ListenerName;
  readonly client: SMTPServerClient;
  /** Its slot among all connections. */
  readonly slot: Slot;
  /** On the monotonic clock. */
  readonly openedAt: number;
  sender: Sender | undefined;
  authFailures: number;
  messages: number;
  transaction: Transaction | undefined;
  /** True from just before a publish until its outcome is known: the client is owed the true answer. */
  published: boolean;
}

const connections = new WeakMap<SMTPServerSession, Connection>();

/** From the first handler that the library calls for a session. */
export function openConnection(
  session: SMTPServerSession,
  listener: ListenerName,
  slot: Slot,
): Connection {
  const connection = {
    listener,
    client: session.client,
    slot,
    openedAt: performance.now(),
    sender: undefined,
    authFailures: 0,
    messages: 0,
    transaction: undefined,
    published: false,
  };
  connections.set(session, connection);
  return connection;
}

/** Nothing if the connection ended before it was greeted. */
export function findConnection(session: SMTPServerSession): Connection | undefined {
  return connections.get(session);
}

/** The connection that a handler of the library was called for. */
export function connectionOf(session: SMTPServerSession): Connection {
  const connection = findConnection(session);
  if (connection === undefined)
    throw new CodedError('internal_fault', 'A session without a connection of ours');
  return connection;
}

/** The last word on a connection. */
export function endWith(client: SMTPServerClient, { code, enhanced, text }: Reply): void {
  client.end(code, `${enhanced} ${text}`);
}
