import { addAbortListener } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import pTimeout from 'p-timeout';

export interface BrokerSettings {
  /** `amqp://` or `amqps://` with user, password and virtual host. */
  readonly url: string;
  /** Who connects: it publishes to the exchange of this name. */
  readonly service: ServiceName;
  readonly log: Logger;
}

/** One connection that comes back by itself; `setUp` runs after every (re)connect. */
export interface Link {
  isUp(): boolean;
  close(): Promise<void>;
}

/** A broker that has not answered by then never will. Milliseconds. */
const longestAnswer = 15_000;

/** Between two attempts, doubled from one to the next. Milliseconds. */
const shortestPause = 100;
const longestPause = 2_000;

/**
 * Opens a link and returns at once, connected or not: a broker that is away is a state to report
 * (readiness, 451), never a reason not to start.
 *
 * The recovery of amqplib is not used. It hands out a connection only for set-up, so a connection
 * that is made while the link is closed has no listener for `error`, and Node ends the process. It
 * also misses a connection that ends in the moment in which set-up does.
 */
export async function openLink(
  settings: BrokerSettings,
  role: 'publish' | 'consume',
  setUp: (model: ChannelModel) => Promise<void>,
  patience = longestAnswer,
): Promise<Link> {
  const { url, service, log } = settings;
  const closing = new AbortController();
  let up = false;
  let failures = 0;

  /** Makes a connection and keeps it until it ends or the link is closed. */
  async function hold(): Promise<void> {
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
    // Before anything else is awaited, and never removed: without a listener an error ends the process.
    model.on('error', (error) => log.warn('broker.error', { status: role, error }));
    const end = new AbortController();
    model.on('close', (error) => {
      up = false;
      end.abort(error ?? new Error('The connection was closed'));
    });
    const ended = AbortSignal.any([end.signal, closing.signal]);
    try {
      const message = 'The broker did not answer in time';
      await pTimeout(setUp(model), { milliseconds: patience, message, signal: ended });
      up = true;
      failures = 0;
      log.info('broker.connected', { status: role });
      await new Promise<void>((resolve) => {
        addAbortListener(ended, () => resolve());
      });
    } finally {
      up = false;
      await closeAndWait(model, patience);
      // A broker that has not answered still has the socket.
      giveUp();
    }
    if (closing.signal.aborted) return;
    log.warn('broker.disconnected', { status: role, error: end.signal.reason as unknown });
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await hold();
      } catch (error) {
        if (!closing.signal.aborted) log.warn('broker.unreachable', { status: role, error });
      }
      // Not all at the same time: the broker has many clients.
      const pause = Math.min(longestPause, shortestPause * 2 ** failures);
      failures += 1;
      const { signal } = closing;
      await sleep(pause * (0.8 + 0.4 * Math.random()), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }

  const running = run();
  return {
    isUp: () => up,
    async close() {
      closing.abort();
      await running;
    },
  };
}

/**
 * Closes a channel or a connection and waits for its end. The promise of amqplib never settles if
 * the connection breaks before the broker has answered, so the event counts.
 */
export async function closeAndWait(
  open: Channel | ChannelModel,
  patience = longestAnswer,
): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    open.once('close', resolve);
    // Rejects if it is closed already.
    open.close().catch(() => resolve());
  });
  await pTimeout(ended, { milliseconds: patience, message: false });
}

/**
 * A channel that the broker closes (a refusal, a lost queue) leaves its connection open and useless:
 * close that too, so that recovery sets everything up again.
 */
export function reopenWithChannel(
  model: ChannelModel,
  channel: Channel,
  log: Logger,
  isClosing: () => boolean = () => false,
): void {
  channel.on('error', (error) => log.warn('broker.channel_error', { error }));
  channel.on('close', () => {
    if (isClosing()) return;
    model.close().catch((error: unknown) => log.debug('broker.closed_already', { error }));
  });
}
