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

/** A channel that comes back by itself, whatever has ended it. */
export interface KeptChannel {
  isUp(): boolean;
  /** Ends the channel for good, after everything that was sent over it has arrived. */
  close(): Promise<void>;
}

/** A connection that is open at present. */
export interface Connection {
  readonly model: ChannelModel;
  /** Aborted once the connection has ended, or is about to. */
  readonly ended: AbortSignal;
  /** Ends it at once, for a broker that does not answer. */
  drop(reason: Error): void;
}

/** What a channel needs of the link that it is on. */
export interface ChannelMeans {
  readonly role: 'publish' | 'consume';
  readonly log: Logger;
  /** The connection, once there is one. */
  readonly connection: () => Promise<Connection>;
  readonly isBlocked: () => boolean;
  /** Aborted when the link is closed. */
  readonly closing: AbortSignal;
  /** How long the broker may take to answer. Milliseconds. */
  readonly patience: number;
}

const silent = () => new CodedError('broker_silent', 'The broker did not answer in time');
const isSilence = (error: unknown): error is CodedError =>
  error instanceof CodedError && error.code === 'broker_silent';

/**
 * Opens a channel, and opens it again each time that it or its connection has ended.
 *
 * A channel that the broker closes (a refusal, a queue that was deleted) is opened again alone: the
 * other channels of the connection have nothing to do with the reason, and if the connection were
 * closed too, everything that their consumers hold would be handed out again. A broker that does not
 * answer in time is another matter. Silence is of the connection, not of the channel. So the connection
 * is closed, and everything on it is set up again.
 */
export function keepChannel<C extends Channel>(
  { open, setUp }: ChannelSettings<C>,
  { role: status, log, connection: nextConnection, isBlocked, closing, patience }: ChannelMeans,
): KeptChannel & { readonly ended: Promise<void> } {
  const stop = new AbortController();
  const stopped = AbortSignal.any([stop.signal, closing]);
  let up = false;

  /** Sets a channel up and keeps it until it or its connection ends, or until it is closed here. */
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
      // The broker reads nothing from a connection that it blocks: its channels end with it.
      const isOpen = !over.signal.aborted && !connection.ended.aborted && !isBlocked();
      if (isOpen && !(await closeAndWait(channel, patience))) connection.drop(silent());
    }
  }

  async function run(): Promise<void> {
    const backoff = createBackoff(delays);
    const end = aborted(stopped);
    for (;;) {
      const connection = await Promise.race([nextConnection(), end]);
      // Both may have come: what is stopped opens nothing more.
      if (connection === undefined || stopped.aborted) return;
      try {
        await hold(connection, backoff.reset);
      } catch (error) {
        if (isSilence(error)) connection.drop(error);
        else if (!connection.ended.aborted && !stopped.aborted) {
          log.warn('broker.channel_failed', { status, error });
        }
      }
      // A connection that is made again has waited already.
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
