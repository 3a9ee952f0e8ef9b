import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, type TLSSocketOptions } from 'node:tls';

/**
 * The events of the server. `content`: the first octets after 354. `dot`: the final dot. `BDAT`: a complete
 * chunk, its command is the line.
 */
export type Event =
  | 'greeting'
  | 'EHLO'
  | 'HELO'
  | 'STARTTLS'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'content'
  | 'dot'
  | 'BDAT'
  | 'RSET'
  | 'QUIT';

/** Octets to send, and the action after them. Without an end, the server is silent from then on. */
export interface Act {
  readonly say?: string;
  readonly end?: 'close' | 'reset';
}

/** Undefined: the default answer. `nth` counts from 1, the same event over all connections. */
export type Script = (event: Event, nth: number, line: string) => Act | string | undefined;

export interface ServerOptions {
  /** Its address; a free port of 127.0.0.1 by default. Servers with one port need different hosts. */
  readonly host?: string;
  readonly port?: number;
  readonly extensions?: readonly string[];
  /** With these, STARTTLS is offered. */
  readonly tls?: TLSSocketOptions;
}

export interface ScriptedServer {
  readonly port: number;
  /** Every received command, in order. */
  readonly commands: string[];
  /** Every message with a final dot or a last chunk, as received. */
  readonly messages: string[];
  /** The received part of a message without its final dot, over the last connection. */
  unended(): string;
  connections(): number;
  /** The number of open connections. */
  open(): number;
  /** Sends on the open connections without a command. */
  interject(act: Act): void;
  /** Reads no more octets after the next 354. */
  pause(): void;
  close(): void;
}

const usual: Readonly<Record<Event, string>> = {
  greeting: '220 mx.example.org ESMTP\r\n',
  EHLO: '',
  HELO: '250 mx.example.org\r\n',
  STARTTLS: '220 go\r\n',
  MAIL: '250 2.1.0 ok\r\n',
  RCPT: '250 2.1.5 ok\r\n',
  DATA: '354 go\r\n',
  content: '',
  dot: '250 2.0.0 taken\r\n',
  BDAT: '250 2.0.0 taken\r\n',
  RSET: '250 2.0.0 ok\r\n',
  QUIT: '221 2.0.0 bye\r\n',
};

/** A server with scripted answers, valid or not. */
export async function startScriptedServer(
  script: Script,
  { host = '127.0.0.1', port = 0, extensions = [], tls }: ServerOptions = {},
): Promise<ScriptedServer> {
  const commands: string[] = [];
  const messages: string[] = [];
  const counts = new Map<Event, number>();
  const open = new Set<Socket>();
  // One for all connections, because its key decrypts the tickets that it issued before.
  const secureContext = tls && createSecureContext(tls);
  let connections = 0;
  let isPaused = false;
  let unended = nothing;

  const server = createServer((plain) => {
    connections += 1;
    let socket: Socket = plain;
    let isData = false;
    let hasContent = false;
    let chunks = '';
    /** It is silent: it answers nothing, not even earlier commands. */
    let isMute = false;
    let rest = '';
    unended = () => (isData ? rest : '');

    function act(event: Event, line = ''): void {
      if (isMute) return;
      const nth = (counts.get(event) ?? 0) + 1;
      counts.set(event, nth);
      const done = script(event, nth, line) ?? (event === 'EHLO' ? ehlo() : usual[event]);
      if (
        event === 'DATA' &&
        (typeof done === 'string' ? done : (done.say ?? '')).startsWith('354')
      ) {
        isData = true;
        if (isPaused) socket.pause();
      }
      const isHalf = typeof done === 'string' && done !== '' && !done.endsWith('\n');
      isMute = isHalf || (typeof done === 'object' && done.end === undefined);
      play(socket, plain, typeof done === 'string' ? { say: done } : done);
      if (event === 'QUIT' && !isMute) socket.end();
      const startsTls = typeof done === 'string' && done.startsWith(usual.STARTTLS);
      if (event === 'STARTTLS' && startsTls && secureContext !== undefined) secure();
    }

    function ehlo(): string {
      const offers = [...extensions];
      if (tls !== undefined && socket === plain) offers.push('STARTTLS');
      const lines = ['mx.example.org', ...offers];
      return lines
        .map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line}\r\n`)
        .join('');
    }

    function secure(): void {
      plain.removeAllListeners('data');
      socket = new TLSSocket(plain, { ...tls, isServer: true, secureContext });
      socket.on('error', () => undefined);
      socket.on('data', take);
    }

    function take(chunk: Buffer): void {
      rest += chunk.toString('latin1');
      for (;;) {
        if (isData) {
          if (!hasContent && rest !== '') {
            hasContent = true;
            act('content');
          }
          const end = rest.startsWith('.\r\n') ? 0 : rest.indexOf('\r\n.\r\n') + 2;
          if (end === 1) return;
          messages.push(rest.slice(0, end));
          rest = rest.slice(end + 3);
          isData = false;
          hasContent = false;
          act('dot');
          continue;
        }
        const end = rest.indexOf('\r\n');
        if (end === -1) return;
        const line = rest.slice(0, end);
        const [, size = '0', last] = /^BDAT (\d+)( LAST)?$/.exec(line) ?? [];
        const next = end + 2 + Number(size);
        if (rest.length < next) return;
        chunks = line.startsWith('BDAT') ? chunks + rest.slice(end + 2, next) : '';
        if (last !== undefined) messages.push(chunks);
        rest = rest.slice(next);
        commands.push(line);
        // Octets of an unscripted handshake may look like a line.
        const event = line.split(/[ :]/)[0] ?? '';
        if (event in usual) act(event as Event, line);
      }
    }

    plain.on('error', () => undefined);
    plain.on('close', () => open.delete(plain));
    plain.on('data', take);
    open.add(plain);
    act('greeting');
  }).listen(port, host);
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    commands,
    messages,
    unended: () => unended(),
    connections: () => connections,
    open: () => open.size,
    interject: (act) => {
      for (const socket of open) play(socket, socket, act);
    },
    pause() {
      isPaused = true;
    },
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

function play(socket: Socket, plain: Socket, { say = '', end }: Act): void {
  if (say !== '') socket.write(say);
  if (end === 'close') socket.end();
  if (end === 'reset') plain.resetAndDestroy();
}

const nothing = (): string => '';
