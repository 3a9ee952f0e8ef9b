import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

export interface Reply {
  readonly code: number;
  /** Without codes, one for each line. */
  readonly lines: readonly string[];
  readonly text: string;
}

/** An SMTP client that sends exactly the given octets. */
export interface RawClient {
  readonly greeting: Reply;
  /** Sends a line and reads one reply. */
  say(line: string): Promise<Reply>;
  write(octets: string | Buffer): void;
  read(): Promise<Reply>;
  startTls(ca: Buffer): Promise<void>;
  /** EHLO, STARTTLS, EHLO, AUTH PLAIN. */
  login(ca: Buffer, username: string, password: string): Promise<Reply>;
  isClosed(): boolean;
  /** Resolves when the server has closed the connection. */
  closed(): Promise<void>;
  /** Disconnects without QUIT. */
  destroy(): void;
  socket(): Socket;
}

export async function openRawClient(
  port: number,
  options: { ca?: Buffer; from?: string } = {},
): Promise<RawClient> {
  let socket: Socket | TLSSocket = connect({
    port,
    host: '127.0.0.1',
    ...(options.from === undefined ? undefined : { localAddress: options.from }),
  });
  if (options.ca !== undefined) {
    socket = connectTls({ socket, ca: options.ca, servername: 'localhost' });
  }
  let buffered = '';
  const waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  const ready: Reply[] = [];
  let ended = false;
  let onEnd: (() => void) | undefined;
  const end = new Promise<void>((resolve) => {
    onEnd = resolve;
  });

  function listen(to: Socket): void {
    to.on('data', (chunk: Buffer) => {
      buffered += chunk.toString();
      for (let match; (match = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(buffered)) !== null;) {
        buffered = buffered.slice(match[0].length);
        deliver(parse(match[0]));
      }
    });
    to.on('error', () => undefined);
    to.on('close', () => {
      if (to !== socket) return;
      ended = true;
      onEnd?.();
      for (const { reject } of waiting.splice(0)) reject(new Error('The connection is closed'));
    });
  }

  function deliver(reply: Reply): void {
    const first = waiting.shift();
    if (first === undefined) ready.push(reply);
    else first.resolve(reply);
  }

  function read(): Promise<Reply> {
    const reply = ready.shift();
    if (reply !== undefined) return Promise.resolve(reply);
    if (ended) return Promise.reject(new Error('The connection is closed'));
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
    });
  }

  listen(socket);
  const greeting = await read();

  const client: RawClient = {
    greeting,
    say(line) {
      socket.write(`${line}\r\n`);
      return read();
    },
    write: (octets) => void socket.write(octets),
    read,
    async startTls(ca) {
      const plain = socket;
      plain.removeAllListeners('data');
      const secure = connectTls({ socket: plain, ca, servername: 'localhost' });
      socket = secure;
      listen(secure);
      await once(secure, 'secureConnect');
    },
    async login(ca, username, password) {
      await client.say('EHLO client.example.net');
      await client.say('STARTTLS');
      await client.startTls(ca);
      await client.say('EHLO client.example.net');
      const token = Buffer.from(`\0${username}\0${password}`).toString('base64');
      return client.say(`AUTH PLAIN ${token}`);
    },
    isClosed: () => ended,
    closed: () => end,
    destroy: () => void socket.destroy(),
    socket: () => socket,
  };
  return client;
}

function parse(text: string): Reply {
  const lines = text.trimEnd().split('\r\n');
  return {
    code: Number(text.slice(0, 3)),
    lines: lines.map((line) => line.slice(4)),
    text: text.trimEnd(),
  };
}
