import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { ListenerName } from '../events.ts';
import { Connection } from './connection.ts';

/** The library's server, with connections of our kind. */
export class SubmissionServer extends SMTPServer {
  readonly listener: ListenerName;

  constructor(options: SMTPServerOptions, listener: ListenerName) {
    super(options);
    this.listener = listener;
  }

  override connect(socket: Socket, socketOptions?: SMTPConnectionOptions | null): void {
    const connection = new Connection(this, socket, socketOptions, this.listener);
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
