import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface Transcriber {
  readonly port: number;
  /** Every line, in the order of arrival. */
  readonly lines: string[];
  close(): void;
}

/** A receiver that records every line and accepts everything. */
export async function startTranscriber(extensions: string): Promise<Transcriber> {
  const lines: string[] = [];
  const server = createServer((socket: Socket) => {
    let data = false;
    let rest = '';
    socket.on('error', () => undefined);
    socket.write('220 transcriber\r\n');
    socket.on('data', (chunk) => {
      rest += chunk.toString();
      for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        lines.push(line);
        if (data && line !== '.') continue;
        if (line.startsWith('EHLO')) socket.write(`250-transcriber\r\n${extensions}\r\n`);
        else if (line === 'DATA') socket.write('354 go\r\n');
        else socket.write(line === 'QUIT' ? '221 bye\r\n' : '250 2.0.0 ok\r\n');
        data = line === 'DATA';
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    lines,
    close: () => void server.close(),
  };
}
