import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { ListenerName } from '../events.ts';
import { Connection } from './connection.ts';
import type { Crowd } from './crowd.ts';

/** The library's server, with connections of our kind. */
export class SubmissionServer extends SMTPServer {
  readonly listener: ListenerName;
  readonly crowd: Crowd;

  constructor(options: SMTPServerOptions, listener: ListenerName, crowd: Crowd) {
    super(options);
    this.listener = listener;
    this.crowd = crowd;
  }

  /** One client too many gets its 421; before a TLS handshake, which costs more than it is worth, it gets nothing. */
  override _acceptSocket(socket: Socket, handshake: boolean): (() => void) | false {
    this.crowd.enter(socket);
    if (!handshake || !this.crowd.isCrowded(socket.remoteAddress ?? '')) {
      return super._acceptSocket(socket, handshake);
    }
    socket.on('error', () => undefined);
    socket.destroy();
    return false;
  }

  override connect(socket: Socket, socketOptions?: SMTPConnectionOptions | null): void {
    // Gone since its handshake: it would never tell that it closes.
    if (socket.destroyed) return;
    const connection = new Connection(this, socket, socketOptions, this.listener, this.crowd);
    this.connections.add(connection);
    connection.on('error', (error) => this.emit('error', error));
    connection.init();
  }

  *open(): Generator<Connection> {
    for (const connection of this.connections) {
      if (connection instanceof Connection) yield connection;
    }
  }
}
