import { openBroadcastListener, type BrokerSettings } from '@mysmtp/broker';
import { ProcessAlive, processLease, routingKeys, type ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';

export interface LivingProcess {
  readonly process: string;
  readonly service: ServiceName;
}

/** The processes of all services that may still act on what they have heard. */
export interface Roll {
  /** True while every process that is alive has been heard of. */
  isComplete(): boolean;
  living(): LivingProcess[];
  close(): Promise<void>;
}

/** A beat may have been under way for so long. Milliseconds. */
const margin = 2_000;

/** Privacy beats too, every two seconds: whoever hears nothing for so long is cut off, or was frozen. */
const longestSilence = 5_000;

/**
 * Listens to the beats of all processes. One that has not been heard of for a lease acts no more: it
 * measures the same time from an earlier moment, the sending of its beat.
 */
export async function openRoll(broker: BrokerSettings, log: Logger): Promise<Roll> {
  const heard = new Map<string, { service: ServiceName; at: number }>();
  let since = Number.POSITIVE_INFINITY;
  let heardAt = Number.NEGATIVE_INFINITY;
  const listener = await openBroadcastListener({
    ...broker,
    service: 'privacy',
    bindings: [{ exchange: 'privacy', key: routingKeys.anyProcessAlive }],
    handle({ content }) {
      const { process, service } = ProcessAlive.parse(JSON.parse(content.toString()));
      heardAt = performance.now();
      heard.set(process, { service, at: heardAt });
    },
    onBound() {
      since = performance.now();
      log.debug('roll.begun');
    },
  });
  const life = processLease + margin;
  return {
    isComplete() {
      const now = performance.now();
      return listener.isUp() && now - since >= life && now - heardAt < longestSilence;
    },
    living() {
      const now = performance.now();
      for (const [process, { at }] of heard) if (now - at >= life) heard.delete(process);
      return [...heard].map(([process, { service }]) => ({ process, service }));
    },
    close: () => listener.close(),
  };
}
