import { openBroadcastListener, type BrokerSettings } from '@mysmtp/broker';
import { broadcasts, ProcessAlive, reader, routingKeys, type ServiceName } from '@mysmtp/contracts';
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

/** A beat may have been under way for this share of a lease. */
const margin = 0.2;

/** Privacy beats too, five times in a lease: it is cut off, or was frozen, if it hears nothing for this share. */
const longestSilence = 0.5;

/**
 * Listens to the beats of all processes. One that has not been heard of for its lease acts no more: it
 * measures the same time from an earlier moment, the sending of its beat. Each beat says how long its
 * process may act; `lease` (milliseconds) is the longest that one may have which was not heard yet.
 */
export async function openRoll(broker: BrokerSettings, lease: number, log: Logger): Promise<Roll> {
  const heard = new Map<string, { service: ServiceName; at: number; life: number }>();
  let longestLife = lease * (1 + margin);
  let since = Number.POSITIVE_INFINITY;
  let heardAt = Number.NEGATIVE_INFINITY;
  const listener = await openBroadcastListener({
    ...broker,
    bindings: broadcasts.processes,
    handle({ content, routingKey }) {
      const alive = reader(ProcessAlive).parse(JSON.parse(content.toString()));
      const { process, service } = alive;
      if (routingKey !== routingKeys.processAlive(service)) {
        log.error('roll.foreign_heartbeat', { routingKey, peerService: service });
        return;
      }
      heardAt = performance.now();
      const life = alive.lease * (1 + margin);
      heard.set(process, { service, at: heardAt, life });
      if (life <= longestLife) return;
      // Another like it may be alive and not heard yet: all of them are waited for as long.
      log.warn('roll.longer_lease', { peerService: service });
      longestLife = life;
    },
    onBound() {
      since = performance.now();
      log.debug('roll.begun');
    },
  });
  return {
    isComplete() {
      const now = performance.now();
      return (
        listener.isUp() && now - since >= longestLife && now - heardAt < lease * longestSilence
      );
    },
    living() {
      const now = performance.now();
      for (const [process, { at, life }] of heard) if (now - at >= life) heard.delete(process);
      return [...heard].map(([process, { service }]) => ({ process, service }));
    },
    close: () => listener.close(),
  };
}
