import { CodedError, type ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { createBackoff } from '@mysmtp/retry';
import { connect, type Channel } from 'amqplib';
import { keepChannel, type ChannelSettings, type Connection, type KeptChannel } from './channel.ts';
import { aborted, closeAndWait, delays } from './waiting.ts';

export interface BrokerSettings {
  /** `amqp://` or `amqps://` with user, password and virtual host. */
  readonly url: string;
  /** The client: it publishes to the exchange of this name. */
  readonly service: ServiceName;
  readonly log: Logger;
}

/** One connection that is restored automatically, with the channels on it. */
export interface Link {
  isUp(): boolean;
  /** True while the broker blocks this connection, because it lacks memory or disk. */
  isBlocked(): boolean;
  openChannel<C extends Channel>(settings: ChannelSettings<C>): KeptChannel;
  /** Close the channels first. Otherwise sent messages may not arrive. */
  close(): Promise<void>;
}

/** Answer timeout of the broker. Milliseconds. */
const longestAnswer = 15_000;

/**
 * Opens a link and returns at once, connected or not. An unreachable broker is reported (readiness, 451) and
 * never prevents the start.
 *
 * The recovery of amqplib is not used. It returns a connection only for set-up, so a connection that is made
 * while the link is closed has no listener for `error`, and Node ends the process. It also misses a
 * connection that ends at the same moment as set-up.
 */
export function openLink(
  settings: BrokerSettings,
  role: 'publish' | 'consume',
  patience = longestAnswer,
): Link {
  const { url, service, log } = settings;
  const closing = new AbortController();
  const channels = new Set<Promise<void>>();
  let connected = Promise.withResolvers<Connection>();
  let up = false;
  let blocked = false;

  /** Makes a connection and keeps it until it ends or the link is closed. */
  async function hold(onUp: () => void): Promise<void> {
    const socket = new AbortController();
    const giveUp = (): void => socket.abort();
    closing.signal.addEventListener('abort', giveUp);
    const options = {
      noDelay: true,
      timeout: patience,
      signal: socket.signal,
      clientProperties: { connection_name: `mysmtp-${service} (${role})` },
    };
    const model = await connect(url, options).finally(() => {
      closing.signal.removeEventListener('abort', giveUp);
    });
    const over = new AbortController();
    function end(reason: unknown): void {
      if (over.signal.aborted) return;
      up = false;
      blocked = false;
      // Before the listeners run, so that a listener that requests a connection waits for the next one.
      connected = Promise.withResolvers<Connection>();
      over.abort(reason);
    }
    // Before any other await, and never removed: without a listener an error ends the process.
    model.on('error', (error) => log.warn('broker.error', { status: role, error }));
    model.on('close', (error) =>
      end(error ?? new CodedError('broker_closed', 'The connection was closed')),
    );
    model.on('blocked', () => {
      blocked = true;
      log.warn('broker.blocked', { status: role });
    });
    model.on('unblocked', () => {
      blocked = false;
      log.info('broker.unblocked', { status: role });
    });
    const ended = AbortSignal.any([over.signal, closing.signal]);
    up = true;
    onUp();
    log.info('broker.connected', { status: role });
    connected.resolve({
      model,
      ended,
      drop(reason) {
        end(reason);
        giveUp();
      },
    });
    await aborted(ended);
    end(new CodedError('broker_closed', 'The link was closed'));
    await closeAndWait(model, patience);
    // A broker that has not answered still holds the socket.
    giveUp();
    if (closing.signal.aborted) return;
    log.warn('broker.disconnected', { status: role, error: over.signal.reason as unknown });
  }

  async function run(): Promise<void> {
    const backoff = createBackoff(delays);
    while (!closing.signal.aborted) {
      try {
        await hold(backoff.reset);
      } catch (error) {
        if (!closing.signal.aborted) log.warn('broker.unreachable', { status: role, error });
      }
      await backoff.wait(closing.signal);
    }
  }

  const running = run();
  return {
    isUp: () => up,
    isBlocked: () => blocked,
    openChannel(channelSettings) {
      const { ended, ...channel } = keepChannel(channelSettings, {
        role,
        log,
        connection: () => connected.promise,
        isBlocked: () => blocked,
        closing: closing.signal,
        patience,
      });
      channels.add(ended);
      void ended.finally(() => channels.delete(ended));
      return channel;
    },
    async close() {
      closing.abort();
      await Promise.all([running, ...channels]);
    },
  };
}
