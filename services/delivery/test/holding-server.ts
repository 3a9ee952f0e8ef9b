import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A receiver that accepts everything and answers a final dot when the test releases it. */
export interface HoldingServer {
  readonly port: number;
  /** Every command, in the order of arrival. */
  readonly commands: string[];
  /** How many final dots wait for a reply. */
  waiting(): number;
  /** Answers the waiting final dots. */
  answer(reply: string): void;
  close(): void;
}

/** `mute`: the beginning of a command that is never answered. */
export async function startHoldingServer(mute?: string): Promise<HoldingServer> {
  const commands: string[] = [];
  const held = new Set<Socket>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let data = false;
    let rest = '';
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => held.delete(socket));
    socket.write('220 holding\r\n');
    socket.on('data', (chunk) => {
      rest += chunk.toString();
      for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (data && line !== '.') continue;
        commands.push(line);
        if (data) held.add(socket);
        else if (mute === undefined || !line.startsWith(mute)) socket.write(replyTo(line));
        data = line === 'DATA';
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    waiting: () => held.size,
    answer(reply) {
      for (const socket of held) socket.write(`${reply}\r\n`);
      held.clear();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function replyTo(line: string): string {
  if (line === 'DATA') return '354 go\r\n';
  return line === 'QUIT' ? '221 bye\r\n' : '250 2.0.0 ok\r\n';
}
