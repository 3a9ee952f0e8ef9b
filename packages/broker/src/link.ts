import type { Logger } from '@mysmtp/log';
import { connect, type Channel, type ChannelModel, type RecoveringChannelModel } from 'amqplib';
import pTimeout from 'p-timeout';

export interface BrokerSettings {
  /** `amqp://` or `amqps://` with user, password and virtual host. */
  readonly url: string;
  /** Shown in RabbitMQ's list of connections. */
  readonly name: string;
  readonly log: Logger;
}

/** One connection that comes back by itself; `setUp` runs after every (re)connect. */
export interface Link {
  readonly model: RecoveringChannelModel;
  isUp(): boolean;
  close(): Promise<void>;
}

/** A broker that has not answered a set-up by then never will. Milliseconds. */
const longestSetUp = 15_000;

/**
 * Opens a link and returns at once, connected or not: a broker that is away is a state to report
 * (readiness, 451), never a reason not to start.
 */
export async function openLink(
  settings: BrokerSettings,
  role: 'publish' | 'consume',
  setUp: (model: ChannelModel) => Promise<void>,
  patience = longestSetUp,
): Promise<Link> {
  let up = false;
  const model = await connect(settings.url, {
    noDelay: true,
    clientProperties: { connection_name: `${settings.name} (${role})` },
    recovery: {
      initialDelay: 100,
      maxDelay: 2_000,
      waitForConnect: false,
      setup: async (connected: ChannelModel) => {
        // While set-up runs the recovering model does not listen yet, and an 'error' that nobody
        // hears ends the process; the broken set-up itself is retried.
        connected.on('error', (error) => settings.log.debug('broker.error', { error }));
        // Given up, the connection is closed, which ends what still waits on it; the next one tries again.
        const message = 'The broker did not answer in time';
        await pTimeout(setUp(connected), { milliseconds: patience, message });
        up = true;
        settings.log.info('broker.connected', { status: role });
      },
    },
  });
  model.on('disconnect', (error) => {
    if (up) settings.log.warn('broker.disconnected', { status: role, error });
    up = false;
  });
  model.on('connect-failed', (error) => {
    settings.log.warn('broker.unreachable', { status: role, error });
  });
  // Without a listener an error event would end the process; what it means comes as 'disconnect'.
  model.on('error', (error) => settings.log.warn('broker.error', { status: role, error }));
  return { model, isUp: () => up, close: () => model.close() };
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
