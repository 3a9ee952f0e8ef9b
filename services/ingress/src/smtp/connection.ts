import { isAscii } from 'node:buffer';
import type { Socket } from 'node:net';
import { parseEnhancedCode, type Reply } from '@mysmtp/mail';
import type { SMTPServer, SMTPServerSession } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { Sender } from '../credentials/sender.ts';
import type { ListenerName } from '../events.ts';
import type { Crowd } from './crowd.ts';

/** The mail transaction that MAIL has begun (RFC 5321 3.3). */
export interface Transaction {
  readonly reversePath: string;
  /**
   * Each address as it was given, found by its local part as it is and its domain in lower case:
   * nothing else makes two addresses one, and each that got 250 is delivered to.
   */
  readonly recipients: Map<string, string>;
}

/**
 * The library's connection with what we know of it beside. Overridden is only what its options do
 * not reach.
 */
export class Connection extends SMTPConnection {
  readonly listener: ListenerName;
  private readonly crowd: Crowd;
  sender: Sender | undefined;
  authFailures = 0;
  messages = 0;
  transaction: Transaction | undefined;
  /** True from just before a publish until its outcome is known: the client is owed the true answer. */
  published = false;
  /** Counted as an open session. */
  counted = false;
  /** Whether the command under way came in ASCII: the library turns A-labels into Unicode. */
  lineIsAscii = true;
  /** Since when the client owes us the rest of a command or message, on the monotonic clock. */
  waitingSince = performance.now();

  constructor(
    server: SMTPServer,
    socket: Socket,
    options: SMTPConnectionOptions | null | undefined,
    listener: ListenerName,
    crowd: Crowd,
  ) {
    super(server, socket, options);
    this.listener = listener;
    this.crowd = crowd;
    bySession.set(this.session, this);
  }

  /** Greets at once: the library waits 100 ms to catch clients that talk first, which AUTH keeps out anyway. */
  override init(): void {
    this._setListeners(() => this.connectionReady());
  }

  /** A reply of ours has its own enhanced code; the library's table knows only one for each reply code. */
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    const hasItsOwn = typeof data === 'string' && parseEnhancedCode(data) !== null;
    super.send(code, data, hasItsOwn ? false : context);
  }

  /** AUTH is offered under TLS only (RFC 4954 4); the library refuses it before but offers it all the same. */
  override handler_EHLO(command: Buffer, callback: () => void): void {
    const disabled = this.session.disabledCommands;
    if (!this.secure)
      this.session.disabledCommands = [...(this._server.options.disabledCommands ?? []), 'AUTH'];
    super.handler_EHLO(command, callback);
    if (disabled === undefined) delete this.session.disabledCommands;
    else this.session.disabledCommands = disabled;
  }

  /** STARTTLS: the library takes every listener off the socket below, ours too. */
  override upgrade(callback: () => void, secureCallback?: () => void): void {
    const below = this._socket;
    super.upgrade(callback, secureCallback);
    this.crowd.watch(below);
  }

  override _onCommand(command: Buffer, callback?: () => void): void {
    this.lineIsAscii = isAscii(command);
    super._onCommand(command, () => {
      this.waitingSince = performance.now();
      callback?.();
    });
  }

  /** The last word on this connection. */
  end({ code, enhanced, text }: Reply): void {
    this.send(code, `${enhanced} ${text}`);
    this.close();
  }

  /** True once both sides have said goodbye; the end of the socket should follow. */
  isOver(): boolean {
    return this._socket.readyState === 'closed';
  }

  /** Takes the socket down without a word. */
  drop(): void {
    this._socket.destroy();
  }

  isReceiving(): boolean {
    return this._parser !== false && this._parser._dataMode;
  }

  /** True while the client waits for us and not we for the client. */
  isBusy(): boolean {
    return this._handlerPending || (Boolean(this._dataStream) && !this.isReceiving());
  }

  /** Octets of the message that is coming in. */
  receivedOctets(): number {
    return this._dataStream ? this._dataStream.byteLength : 0;
  }

  /** True between transactions: nothing is lost when it ends now. */
  isIdle(): boolean {
    return !this.isBusy() && !this.isReceiving() && this.session.envelope?.mailFrom === false;
  }
}

const bySession = new WeakMap<SMTPServerSession, Connection>();

/** The connection that a handler of the library was called for. */
export function connectionOf(session: SMTPServerSession): Connection {
  const connection = bySession.get(session);
  if (connection === undefined) throw new Error('A session without a connection of ours');
  return connection;
}
