import { CodedError } from '@mysmtp/contracts';
import type { Reply } from '@mysmtp/mail';
import type { SMTPServerClient, SMTPServerSession } from 'smtp-server';
import type { Sender } from '../credentials/sender.ts';
import type { ListenerName } from '../telemetry.ts';
import type { Slot } from './connection-limits.ts';

/** The mail transaction that MAIL has begun (RFC 5321 3.3). */
export interface Transaction {
  readonly reversePath: string;
  /**
   * Each address unchanged. Its key has the local part unchanged and the domain in lower case. Only addresses
   * with the same key are one recipient, because every address that got 250 must be delivered to.
   */
  readonly recipients: Map<string, string>;
}

/** Our data about a connection, in addition to the library's. */
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
  /** True from just before a publish until its outcome is known. The client must get the true reply. */
  published: boolean;
}

/** On the session: a `WeakMap` would keep the connection in memory after its end (docs/performance.md). */
const own = Symbol('connection');

type OwnSession = SMTPServerSession & { [own]?: Connection };

/** Called from the first handler that the library calls for a session. */
export function openConnection(
  session: SMTPServerSession,
  listener: ListenerName,
  slot: Slot,
): Connection {
  const connection: Connection = {
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
  (session as OwnSession)[own] = connection;
  return connection;
}

/** `undefined` if the connection ended before its greeting. */
export function findConnection(session: SMTPServerSession): Connection | undefined {
  return (session as OwnSession)[own];
}

/** The connection that a handler of the library was called for. */
export function connectionOf(session: SMTPServerSession): Connection {
  const connection = findConnection(session);
  if (connection === undefined)
    throw new CodedError('internal_fault', 'The session has no connection record');
  return connection;
}

/** Sends the last reply and ends the connection. */
export function endWith(client: SMTPServerClient, { code, enhanced, text }: Reply): void {
  client.end(code, `${enhanced} ${text}`);
}
