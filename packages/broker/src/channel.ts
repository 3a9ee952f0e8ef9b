import { CodedError } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { createBackoff } from '@mysmtp/retry';
import type { Channel, ChannelModel } from 'amqplib';
import pTimeout from 'p-timeout';
import { aborted, closeAndWait, delays } from './waiting.ts';

export interface ChannelSettings<C extends Channel> {
  readonly open: (model: ChannelModel) => Promise<C>;
  /** Runs on every new channel. A channel counts as up once this has succeeded. */
  readonly setUp: (channel: C) => Promise<void>;
}

/** A channel that is restored automatically after any failure. */
export interface KeptChannel {
  isUp(): boolean;
  /** Ends the channel for good, after everything that was sent over it has arrived. */
  close(): Promise<void>;
}

/** A connection that is currently open. */
export interface Connection {
  readonly model: ChannelModel;
  /** Aborted if the connection has ended or is about to end. */
  readonly ended: AbortSignal;
  /** Ends it at once. Used if the broker does not answer. */
  drop(reason: Error): void;
}

/** The interface of the link to its channels. */
export interface ChannelMeans {
  readonly role: 'publish' | 'consume';
  readonly log: Logger;
  /** The connection, once it is open. */
  readonly connection: () => Promise<Connection>;
  readonly isBlocked: () => boolean;
  /** Aborted when the link is closed. */
  readonly closing: AbortSignal;
  /** Answer timeout of the broker. Milliseconds. */
  readonly patience: number;
}

const silent = () => new CodedError('broker_silent', 'The broker did not answer in time');
const isSilence = (error: unknown): error is CodedError =>
  error instanceof CodedError && error.code === 'broker_silent';

/**
 * Opens a channel, and opens it again each time that it or its connection has ended.
 *
 * If the broker closes a channel (a refusal, a deleted queue), only this channel is opened again. The other
 * channels of the connection are not affected; closing the connection would redeliver all their unsettled
 * messages. If the broker does not answer in time, the connection is closed and everything on it is set up
 * again, because the fault is then in the connection, not in the channel.
 */
export function keepChannel<C extends Channel>(
  { open, setUp }: ChannelSettings<C>,
  { role: status, log, connection: nextConnection, isBlocked, closing, patience }: ChannelMeans,
): KeptChannel & { readonly ended: Promise<void> } {
  const stop = new AbortController();
  const stopped = AbortSignal.any([stop.signal, closing]);
  let up = false;

  /** Sets a channel up and keeps it until it or its connection ends, or until the caller closes it. */
  async function hold(connection: Connection, onUp: () => void): Promise<void> {
    const channel = await pTimeout(open(connection.model), {
      milliseconds: patience,
      message: silent(),
    });
    const over = new AbortController();
    channel.on('error', (error) => log.warn('broker.channel_error', { status, error }));
    channel.on('close', () => {
      up = false;
      over.abort(new CodedError('broker_closed', 'The channel was closed'));
    });
    const signal = AbortSignal.any([over.signal, connection.ended, stopped]);
    try {
      signal.throwIfAborted();
      await pTimeout(setUp(channel), { milliseconds: patience, message: silent(), signal });
      up = true;
      onUp();
      await aborted(signal);
    } finally {
      up = false;
      // The broker reads nothing from a connection that it blocks, so its channels are closed with it.
      const isOpen = !over.signal.aborted && !connection.ended.aborted && !isBlocked();
      if (isOpen && !(await closeAndWait(channel, patience))) connection.drop(silent());
    }
  }

  async function run(): Promise<void> {
    const backoff = createBackoff(delays);
    const end = aborted(stopped);
    for (;;) {
      const connection = await Promise.race([nextConnection(), end]);
      // Both may have happened. After a stop nothing more is opened.
      if (connection === undefined || stopped.aborted) return;
      try {
        await hold(connection, backoff.reset);
      } catch (error) {
        if (isSilence(error)) connection.drop(error);
        else if (!connection.ended.aborted && !stopped.aborted) {
          log.warn('broker.channel_failed', { status, error });
        }
      }
      // A new connection has already waited for the pause.
      if (!connection.ended.aborted) await backoff.wait(stopped);
    }
  }

  const ended = run();
  return {
    isUp: () => up,
    ended,
    close() {
      stop.abort();
      return ended;
    },
  };
}
