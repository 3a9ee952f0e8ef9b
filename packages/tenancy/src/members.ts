import type { Control } from '@mysmtp/broker';
import {
  broadcasts,
  Heartbeat,
  reader,
  routingKeys,
  type InFlightReport,
  type ServiceName,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';

/** A process whose lease may still be valid. */
export interface Member {
  readonly process: string;
  readonly service: ServiceName;
  /** Its last report on mail in flight, if it takes mail. */
  readonly inFlight?: InFlightReport | undefined;
}

/** The processes of some services, known by their heartbeats. */
export interface Members {
  /** True once every live process must have sent a heartbeat. */
  isComplete(): boolean;
  /** Of one service, or of all. */
  live(service?: ServiceName): readonly Member[];
  close(): Promise<void>;
}

/** Share of a lease for which a heartbeat may be in transit. */
const margin = 0.2;

/**
 * The own service is included and sends five heartbeats in a lease. If none arrives for this share of it,
 * this process is disconnected or was frozen.
 */
const longestSilence = 0.5;

/**
 * Receives the heartbeats of all processes of these services, its own included. A process without a
 * heartbeat for its lease does not act any more: it measures the same time from an earlier moment, the
 * sending. Each heartbeat contains the lease of its process. `lease` (milliseconds) is the longest lease
 * of a process without a heartbeat so far.
 */
export function openMembers(
  control: Control,
  { services, lease, log }: { services: readonly ServiceName[]; lease: number; log: Logger },
): Members {
  const verified = new Map<string, { member: Member; at: number; life: number }>();
  let longestLife = lease * (1 + margin);
  let since = Number.POSITIVE_INFINITY;
  let heardAt = Number.NEGATIVE_INFINITY;

  const close = control.subscribe({
    bindings: broadcasts.processes(services),
    handle({ content, routingKey }) {
      const alive = reader(Heartbeat).parse(JSON.parse(content.toString()));
      const { process, service, inFlight } = alive;
      if (routingKey !== routingKeys.heartbeat(service, process)) {
        log.error('members.foreign_heartbeat', { routingKey, peerService: service });
        return;
      }
      heardAt = performance.now();
      const life = alive.lease * (1 + margin);
      verified.set(process, { member: { process, service, inFlight }, at: heardAt, life });
      if (life <= longestLife) return;
      // Another process with such a lease may run without a heartbeat yet, so the wait for all processes is
      // as long.
      log.warn('members.longer_lease', { peerService: service });
      longestLife = life;
    },
    onBound() {
      since = performance.now();
      log.debug('members.started');
    },
  });

  return {
    isComplete() {
      const now = performance.now();
      return control.isUp() && now - since >= longestLife && now - heardAt < lease * longestSilence;
    },
    live(service) {
      const now = performance.now();
      for (const [process, { at, life }] of verified)
        if (now - at >= life) verified.delete(process);
      const all = [...verified.values()].map(({ member }) => member);
      return service === undefined ? all : all.filter((one) => one.service === service);
    },
    close,
  };
}
