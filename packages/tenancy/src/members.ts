import type { Control } from '@mysmtp/broker';
import {
  broadcasts,
  ProcessAlive,
  reader,
  routingKeys,
  type InHand,
  type ServiceName,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';

/** A process that may still act on what it has heard. */
export interface Member {
  readonly process: string;
  readonly service: ServiceName;
  /** What it has said last of the mail that it holds, if it takes any. */
  readonly inHand?: InHand | undefined;
}

/** The processes of some services, known by their heartbeats. */
export interface Members {
  /** True while every process that is alive has been heard of. */
  isComplete(): boolean;
  /** Of one service, or of all. */
  live(service?: ServiceName): readonly Member[];
  close(): Promise<void>;
}

/** A heartbeat may have been under way for this share of a lease. */
const margin = 0.2;

/**
 * Our own service is among them, and sends five heartbeats in a lease: this process is cut off, or was
 * frozen, if it hears nothing for this share.
 */
const longestSilence = 0.5;

/**
 * Listens to the heartbeats of all processes of these services, its own among them. One that has not
 * been heard of for its lease acts no more: it measures the same time from an earlier moment, the sending
 * of its heartbeat. Each heartbeat says how long its process may act; `lease` (milliseconds) is the longest
 * that one may have which was not heard yet.
 */
export function openMembers(
  control: Control,
  { services, lease, log }: { services: readonly ServiceName[]; lease: number; log: Logger },
): Members {
  const heard = new Map<string, { member: Member; at: number; life: number }>();
  let longestLife = lease * (1 + margin);
  let since = Number.POSITIVE_INFINITY;
  let heardAt = Number.NEGATIVE_INFINITY;

  const close = control.subscribe({
    bindings: broadcasts.processes(services),
    handle({ content, routingKey }) {
      const alive = reader(ProcessAlive).parse(JSON.parse(content.toString()));
      const { process, service } = alive;
      const isOfBefore = routingKey === routingKeys.processAliveBefore(service);
      if (!isOfBefore && routingKey !== routingKeys.processAlive(service, process)) {
        log.error('members.foreign_heartbeat', { routingKey, peerService: service });
        return;
      }
      heardAt = performance.now();
      const life = alive.lease * (1 + margin);
      // Under the key of the release before it is never said.
      const inHand = isOfBefore ? heard.get(process)?.member.inHand : alive.inHand;
      heard.set(process, { member: { process, service, inHand }, at: heardAt, life });
      if (life <= longestLife) return;
      // Another like it may be alive and not heard yet: all of them are waited for as long.
      log.warn('members.longer_lease', { peerService: service });
      longestLife = life;
    },
    onBound() {
      since = performance.now();
      log.debug('members.begun');
    },
  });

  return {
    isComplete() {
      const now = performance.now();
      return control.isUp() && now - since >= longestLife && now - heardAt < lease * longestSilence;
    },
    live(service) {
      const now = performance.now();
      for (const [process, { at, life }] of heard) if (now - at >= life) heard.delete(process);
      const all = [...heard.values()].map(({ member }) => member);
      return service === undefined ? all : all.filter((one) => one.service === service);
    },
    close,
  };
}
