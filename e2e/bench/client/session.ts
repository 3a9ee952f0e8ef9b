import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Account } from '../system.ts';

/** Where and as whom a session submits. With an account it uses TLS from the start (RFC 8314) and AUTH PLAIN. */
export interface Submitter {
  readonly port: number;
  readonly from: string;
  readonly to: string;
  readonly account?: Account | undefined;
}

/** Moments of one message, on the clock of `now`. */
export interface Sent {
  /** The last octet was passed to the kernel. */
  readonly lastOctet: number;
  /** The 250 came. */
  readonly reply: number;
}

export interface Session {
  /** One message, with one command at a time, as smtp-source and most clients do. Rejects unless it gets 250. */
  send(message: Buffer): Promise<Sent>;
  quit(): Promise<void>;
}

/** Milliseconds on a clock that all threads of the machine share. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;

export async function openSession({ port, from, to, account }: Submitter): Promise<Session> {
  const socket = await connectTo(port, account);
  const reply = replyReader(socket);
  async function command(line: string, code: string): Promise<void> {
    socket.write(`${line}\r\n`);
    await expect(code);
  }
  async function expect(code: string): Promise<void> {
    const text = await reply();
    if (!text.startsWith(code)) throw new Error(`The server answered ${text}`);
  }
  await expect('220');
  await command('EHLO client.example.org', '250');
  if (account !== undefined) {
    const { username, password } = account;
    const plain = Buffer.from(`\0${username}\0${password}`).toString('base64');
    await command(`AUTH PLAIN ${plain}`, '235');
  }
  return {
    async send(message) {
      await command(`MAIL FROM:<${from}>`, '250');
      await command(`RCPT TO:<${to}>`, '250');
      await command('DATA', '354');
      const answered = expect('250').then(now);
      const lastOctet = await write(socket, message);
      return { lastOctet, reply: await answered };
    },
    async quit() {
      await command('QUIT', '221');
      socket.destroy();
    },
  };
}

async function connectTo(port: number, account: Account | undefined): Promise<Socket> {
  const socket =
    account === undefined
      ? connectTcp({ port, host: '127.0.0.1', noDelay: true })
      : connectTls({
          port: account.port,
          host: '127.0.0.1',
          servername: 'localhost',
          ca: readFileSync(account.caFile),
        });
  const opened = account === undefined ? 'connect' : 'secureConnect';
  await new Promise<void>((resolve, reject) => {
    socket.once(opened, () => {
      socket.off('error', reject);
      resolve();
    });
    socket.once('error', reject);
  });
  socket.setNoDelay(true);
  return socket;
}

/** Resolves with the moment at which the kernel has all octets. */
function write(socket: Socket, octets: Buffer): Promise<number> {
  return new Promise((resolve) => {
    let early: number | undefined;
    socket.write(octets, () => resolve(early ?? now()));
    // The callback comes a turn later than the write if all octets fit.
    if (socket.writableLength === 0) early = now();
  });
}

/** The last line of each reply (RFC 5321 4.2), in order. Rejects once the connection has ended. */
function replyReader(socket: Socket): () => Promise<string> {
  let rest = '';
  let end: Error | undefined;
  const replies: string[] = [];
  const waiting: PromiseWithResolvers<string>[] = [];
  socket.on('data', (chunk: Buffer) => {
    rest += chunk.toString('latin1');
    const lines = rest.split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line[3] === '-') continue;
      const first = waiting.shift();
      if (first === undefined) replies.push(line);
      else first.resolve(line);
    }
  });
  const ended = (error?: Error) => {
    end ??= error ?? new Error('The server closed the connection');
    for (const { reject } of waiting.splice(0)) reject(end);
  };
  socket.on('error', ended);
  socket.on('close', () => ended());
  return () => {
    const reply = replies.shift();
    if (reply !== undefined) return Promise.resolve(reply);
    if (end !== undefined) return Promise.reject(end);
    const next = Promise.withResolvers<string>();
    waiting.push(next);
    return next.promise;
  };
}
