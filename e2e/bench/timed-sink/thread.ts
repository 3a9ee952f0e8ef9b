import { createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { numberOf } from '../client/message.ts';
import type { Moments } from '../client/moments.ts';
import { now } from '../client/session.ts';
import { createReader } from './reader.ts';

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
const capabilities = '250-sink.example.net\r\n250-PIPELINING\r\n250 8BITMIME';

createServer({ noDelay: true }, serve).listen(port, '127.0.0.1', 511, () =>
  parentPort?.postMessage('listening', []),
);

function serve(socket: Socket): void {
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

  function command(line: string): boolean {
    const verb = line.slice(0, 4).toUpperCase();
    const isMessage = verb === 'DATA' && !isDeferred;
    if (verb === 'MAIL') isDeferred = false;
    if (verb === 'QUIT') later(() => socket.end('221 Bye\r\n'));
    else if (verb === 'RCPT' && deferred !== undefined && line.includes(`<${deferred}`)) {
      isDeferred = true;
      Atomics.add(counters, 1, 1);
      reply('450 4.2.1 Mailbox is busy');
    } else if (verb === 'DATA') {
      reply(isMessage ? '354 Go ahead' : '554 5.5.1 No valid recipients');
    } else reply(verb === 'EHLO' ? capabilities : '250 Ok');
    return isMessage;
  }

  function message(start: string): void {
    const number = moments === undefined ? undefined : numberOf(start);
    reply('250 2.0.0 Ok', () => {
      if (moments !== undefined && number !== undefined) moments.arrival[number] = now();
      Atomics.add(counters, 0, 1);
    });
  }

  socket.on('data', createReader({ command, message }));
  socket.on('error', () => undefined);
  reply('220 sink.example.net ESMTP');
}
