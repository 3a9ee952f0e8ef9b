import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A server of the library, and its address. */
export async function listen(
  options: SMTPServerOptions,
): Promise<{ server: SMTPServer; port: number }> {
  const server = new SMTPServer({
    logger: false,
    disableReverseLookup: true,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    greetingDelay: 0,
    ...options,
  });
  // Errors of clients that break their connection.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return { server, port: (server.server.address() as AddressInfo).port };
}

export async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Resolves when the other side has closed or reset the connection. */
export const closed = (socket: Socket): Promise<unknown> => text(socket).catch(() => undefined);

/** Sends `octets` in one go to a server of the library, then closes this side or waits. */
export async function talk(
  octets: string,
  options: SMTPServerOptions = {},
  ending: 'half-close' | 'wait' = 'half-close',
): Promise<string> {
  const { server, port } = await listen(options);
  const socket = await dial(port);
  socket.write(octets);
  if (ending === 'half-close') socket.end();
  const answer = await text(socket);
  socket.destroy();
  server.server.close();
  return answer;
}
