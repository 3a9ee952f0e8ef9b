import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { createDeadline } from './deadline.ts';
import { failureOfReply, ownFailure, type Failure, type Reason, type Stage } from './failure.ts';
import { createReplyParser, type Reply } from './reply-parser.ts';
import type { Timeouts } from './timeouts.ts';

/** How long a write may take to complete after the server seems to have answered it. Milliseconds. */
const leaving = 1_000;

/** Fewer octets than this are copied into one piece, which costs less than a list of pieces. */
const copied = 2_048;
/** The same for more pieces than this: a message with many escaped dots. */
const mostPieces = 16;

type TimedStage = Exclude<Stage, 'idle'>;

/** The reason why the connection ended. */
type Ending =
  /** 421, or a refusal before a command required a reply. */
  | { readonly reply: Reply }
  | { readonly reason: Exclude<Reason, 'refused' | 'closing'>; readonly cause?: unknown };

/** Thrown instead of a reply that can no longer arrive. */
export class ChannelEnded extends Error {
  readonly failure: Failure;
  /** The connection ended before the reply to an earlier message had arrived. */
  readonly isBehind: boolean;

  constructor(failure: Failure, options: { cause?: unknown; isBehind?: boolean } = {}) {
    super(`The connection ended: ${failure.reason} at ${failure.stage}`, options);
    this.name = 'ChannelEnded';
    this.failure = failure;
    this.isBehind = options.isBehind === true;
  }
}

/**
 * Commands out, replies in, over one connection. One caller at a time, but the commands of the next message
 * may be sent, and their replies requested, while the reply to the last octets of a message is due.
 */
export interface Channel {
  /** Sends commands in one write; each gets one reply. */
  command(lines: readonly string[]): void;
  /** The reply to the oldest command without one. */
  reply(stage: TimedStage): Promise<Reply>;
  /**
   * The replies to as many commands, in their order. `take` gets each reply when it arrives; an error of
   * `take` ends the reading. Resolves with the last one.
   */
  replies(
    stages: readonly TimedStage[],
    take: (reply: Reply, index: number) => void,
  ): Promise<Reply>;
  /** Sends octets of a message. No reply is due. */
  write(pieces: readonly Buffer[]): void;
  /**
   * Sends octets for which one reply is due: the last ones of a message, or a chunk with its command.
   * `isFollowed`: commands that are sent in the same turn of the event loop leave in the same write.
   */
  writeFinal(pieces: readonly Buffer[], isFollowed?: boolean): void;
  /** Waits until the server has received most of the written octets. */
  drained(): Promise<void>;
  /** Waits for `work`, but not beyond the end of the connection. */
  whileOpen<T>(stage: Stage, work: Promise<T>): Promise<T>;
  /** Whether all written octets have been sent; if not, waits a moment for it. */
  hasAllLeft(): boolean | Promise<boolean>;
  /**
   * Encrypts the connection, after a positive reply to STARTTLS. `follow` gets the socket before the
   * handshake. It returns a function that is called after the handshake and returns the result.
   */
  upgrade<T>(options: ConnectionOptions, follow: (secure: TLSSocket) => () => T): Promise<T>;
  /** Starts the timer of an attempt, which `signal` can abort. Returns the function that ends it. */
  beginAttempt(signal: AbortSignal | undefined): () => void;
  /** Ends the connection at once. Only the first reason counts. */
  end(reason: Exclude<Reason, 'refused' | 'closing'>): void;
  /** QUIT; resolves when the connection is closed. */
  quit(): Promise<void>;
  /** The reason for the end, as a failure at `stage`; undefined while the connection is open. */
  ending(stage: Stage): Failure | undefined;
}

/** The server sends first: one reply, the greeting, is due from the start. */
export function createChannel(plain: Socket, timeouts: Timeouts): Channel {
  let socket = plain;
  let parser = createReplyParser();
  const arrived: Reply[] = [];
  /** Replies that are due and have not arrived. */
  let due = 1;
  /** STARTTLS was the last command: octets after its reply were sent in clear text and are dropped. */
  let isLastInClear = false;
  let isUpgrading = false;
  let ended: Ending | undefined;
  let wake = nothing;
  /** Octets of a message whose end waits for the next commands, until the end of this turn. */
  let held: Buffer[] = [];
  /** Those who request replies, in the order of their commands. The first one reads. */
  const readers: (() => void)[] = [];
  const deadline = createDeadline(() => end({ reason: 'timeout' }));
  const abort = (): void => end({ reason: 'aborted' });

  function end(ending: Ending): void {
    if (ended !== undefined) return;
    ended = ending;
    deadline.stop();
    socket.destroy();
    plain.destroy();
    wake();
  }

  function receive(octets: Buffer): void {
    if (isLastInClear && due === 0) return;
    for (const read of parser.push(octets)) {
      if (ended !== undefined) return;
      if (read.code === null) end({ reason: 'unreadable' });
      else if (read.code === 421) end({ reply: read });
      else if (due > 0) {
        due -= 1;
        arrived.push(read);
        if (isLastInClear) break;
      } else end(read.code >= 400 ? { reply: read } : { reason: 'unsolicited' });
    }
    if (arrived.length > 0) wake();
  }

  const onEnd = (): void => end({ reason: 'closed' });
  const onError = (error: NodeJS.ErrnoException): void => {
    const isTls = isUpgrading || error.code?.startsWith('ERR_SSL') === true;
    end({ reason: isTls ? 'tls' : 'lost', cause: error });
  };

  function listen(): void {
    socket.on('data', receive);
    socket.on('end', onEnd);
    socket.on('close', onEnd);
    // Also for a socket that was replaced by its TLS socket: an error without a listener ends the process.
    socket.on('error', onError);
  }
  listen();
  if (socket.destroyed) end({ reason: 'closed' });

  function endedAt(stage: Stage, isBehind = false): ChannelEnded {
    const failure = failureAt(stage) ?? ownFailure(stage, 'closed');
    const cause = ended !== undefined && 'cause' in ended ? ended.cause : undefined;
    return new ChannelEnded(failure, { cause, isBehind });
  }

  function failureAt(stage: Stage): Failure | undefined {
    if (ended === undefined) return undefined;
    return 'reply' in ended ? failureOfReply(stage, ended.reply) : ownFailure(stage, ended.reason);
  }

  /** Waits until `start` calls the given function, or the connection ends, or the stage times out. */
  async function wait(stage: TimedStage, start: (done: () => void) => void): Promise<void> {
    if (ended !== undefined) return;
    deadline.beginStage(timeouts[stage]);
    await new Promise<void>((resolve) => {
      wake = resolve;
      start(resolve);
    });
    wake = nothing;
    deadline.endStage();
  }

  function replies(
    stages: readonly TimedStage[],
    take: (reply: Reply, index: number) => void,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      let index = 0;
      let last: Reply | undefined;
      let isBehind = readers.length > 0;
      function leave(): void {
        deadline.endStage();
        readers.shift();
        readers[0]?.();
      }
      function read(): void {
        // `take` may end the connection.
        wake = nothing;
        if (ended === undefined) isBehind = false;
        try {
          // Replies to pipelined commands often come together.
          for (; index < stages.length && arrived.length > 0; index += 1) {
            last = arrived.shift();
            if (last !== undefined) take(last, index);
          }
        } catch (error) {
          reject(error);
          leave();
          return;
        }
        const stage = stages[index];
        if (stage !== undefined && ended === undefined) {
          deadline.beginStage(timeouts[stage]);
          wake = read;
          return;
        }
        if (stage === undefined && last !== undefined) resolve(last);
        else reject(endedAt(stage ?? 'idle', isBehind));
        leave();
      }
      readers.push(read);
      if (readers.length === 1) read();
    });
  }

  /** Waits a moment for the written octets; true if they have been sent. */
  async function allLeft(): Promise<boolean> {
    // The socket reports a completed write later than the reply to it can arrive, particularly with TLS.
    for (let waited = 0; socket.writableLength > 0 && waited < leaving; waited += 1) {
      if (ended !== undefined) break;
      await sleep(1);
    }
    return socket.writableLength === 0;
  }

  /** Sends the pieces with one system call. */
  function send(pieces: readonly Buffer[]): void {
    if (ended !== undefined) return;
    if (pieces.length > mostPieces || sizeOf(pieces) < copied) {
      socket.write(Buffer.concat(pieces));
      return;
    }
    socket.cork();
    for (const piece of pieces) socket.write(piece);
    socket.uncork();
  }

  /** Sends the octets that wait for the commands behind them. */
  function flush(): void {
    if (held.length === 0) return;
    const pieces = held;
    held = [];
    send(pieces);
  }

  function command(lines: readonly string[]): void {
    due += lines.length;
    isLastInClear = lines.at(-1) === 'STARTTLS';
    held.push(Buffer.from(`${lines.join('\r\n')}\r\n`));
    flush();
  }

  return {
    command,
    reply: (stage) => replies([stage], nothing),
    replies,
    write: send,
    writeFinal(pieces, isFollowed = false) {
      due += 1;
      if (isFollowed) {
        held = [...pieces];
        process.nextTick(flush);
      } else send(pieces);
    },
    async drained() {
      if (socket.writableNeedDrain) await wait('content', (done) => socket.once('drain', done));
      if (ended !== undefined) throw endedAt('content');
    },
    whileOpen(stage, work) {
      return new Promise((resolve, reject) => {
        wake = () => reject(endedAt(stage));
        work.then(resolve, reject);
        if (ended !== undefined) wake();
      });
    },
    hasAllLeft: () => socket.writableLength === 0 || allLeft(),
    async upgrade<T>(options: ConnectionOptions, follow: (secure: TLSSocket) => () => T) {
      plain.off('data', receive);
      // The socket of the handshake reports these itself, with more details.
      plain.off('end', onEnd);
      plain.off('close', onEnd);
      isUpgrading = true;
      parser = createReplyParser();
      const secure = connectTls({ ...options, socket: plain });
      socket = secure;
      listen();
      const read = follow(secure);
      let done: { readonly result: T } | undefined;
      await wait('tls', (go) =>
        secure.once('secureConnect', () => {
          done = { result: read() };
          go();
        }),
      );
      isUpgrading = false;
      isLastInClear = false;
      if (done === undefined || ended !== undefined) throw endedAt('tls');
      return done.result;
    },
    beginAttempt(signal) {
      if (signal?.aborted === true) abort();
      else deadline.beginAttempt(timeouts.attempt);
      signal?.addEventListener('abort', abort, { once: true });
      return () => {
        signal?.removeEventListener('abort', abort);
        deadline.endAttempt();
      };
    },
    end: (reason) => end({ reason }),
    async quit() {
      if (ended === undefined) {
        command(['QUIT']);
        await wait('quit', nothing);
      }
      end({ reason: 'used_up' });
    },
    ending: failureAt,
  };
}

/** A placeholder for an empty function. */
const nothing = (): void => undefined;

/** Octets of all pieces. */
export function sizeOf(pieces: readonly Buffer[]): number {
  let size = 0;
  for (const { length } of pieces) size += length;
  return size;
}
