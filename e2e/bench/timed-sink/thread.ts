import { createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { numberOf } from '../client/message.ts';
import type { Moments } from '../client/moments.ts';
import { now } from '../client/session.ts';

/** The task of the thread. */
export interface SinkTask {
  readonly port: number;
  /** Milliseconds before each reply, as if the sink were far away. */
  readonly latency: number;
  /** Recipients whose address begins like this get 450: their mail is deferred. */
  readonly deferred?: string | undefined;
  /** How many messages have got their 250, and how many recipients 450. */
  readonly counters: Int32Array<SharedArrayBuffer>;
  readonly moments?: Moments | undefined;
}

const { port, latency, deferred, counters, moments } = workerData as SinkTask;
const endOfMessage = Buffer.from('\r\n.\r\n');
/** Enough for the header section of a message of the client, with what a relay adds. */
const headerSize = 4_096;

createServer({ noDelay: true }, serve).listen(port, '127.0.0.1', 511, () =>
  parentPort?.postMessage('listening', []),
);

function serve(socket: Socket): void {
  /** Octets of an incomplete command, or of the message. */
  let rest = Buffer.alloc(0);
  let header: string | undefined;
  let isDeferred = false;

  // Timers of the same delay keep their order, and so do the replies.
  const later = (work: () => void) => {
    if (latency === 0) work();
    else setTimeout(work, latency);
  };
  function reply(text: string, before?: () => void): void {
    later(() => {
      before?.();
      if (socket.writable) socket.write(`${text}\r\n`);
    });
  }

  function command(line: string): void {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO') return reply('250-sink.example.net\r\n250-PIPELINING\r\n250 8BITMIME');
    if (verb === 'MAIL') isDeferred = false;
    if (verb === 'RCPT' && deferred !== undefined && line.includes(`<${deferred}`)) {
      isDeferred = true;
      Atomics.add(counters, 1, 1);
      return reply('450 4.2.1 Mailbox is busy');
    }
    if (verb === 'DATA') {
      if (isDeferred) return reply('554 5.5.1 No valid recipients');
      header = '';
      return reply('354 Go ahead');
    }
    if (verb === 'QUIT') return later(() => socket.end('221 Bye\r\n'));
    return reply('250 Ok');
  }

  /** Octets of the message. Returns what follows it, or `undefined` if its end is missing. */
  function message(octets: Buffer): Buffer | undefined {
    const end = octets.indexOf(endOfMessage);
    if (header !== undefined && header.length < headerSize) {
      header += octets.toString(
        'latin1',
        0,
        Math.min(end === -1 ? octets.length : end, headerSize),
      );
    }
    if (end === -1) {
      // Its last four octets may begin the end, and are looked at again.
      rest = Buffer.from(octets.subarray(Math.max(octets.length - 4, 0)));
      return undefined;
    }
    const number = moments === undefined ? undefined : numberOf(header ?? '');
    header = undefined;
    reply('250 2.0.0 Ok', () => {
      if (moments !== undefined && number !== undefined) moments.arrival[number] = now();
      Atomics.add(counters, 0, 1);
    });
    return octets.subarray(end + endOfMessage.length);
  }

  socket.on('data', (chunk: Buffer) => {
    let octets: Buffer | undefined = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    rest = Buffer.alloc(0);
    while (octets !== undefined && octets.length > 0) {
      if (header !== undefined) {
        octets = message(octets);
        continue;
      }
      const end = octets.indexOf('\r\n');
      if (end === -1) {
        rest = Buffer.from(octets);
        return;
      }
      command(octets.toString('latin1', 0, end));
      octets = octets.subarray(end + 2);
    }
  });
  socket.on('error', () => undefined);
  reply('220 sink.example.net ESMTP');
}
