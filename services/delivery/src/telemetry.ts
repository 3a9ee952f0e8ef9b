import { isFinal, statuses, type Status } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { HeldReason } from './core/state.ts';

/** What happens to mail here, one function for each event: the log line and the metric together. */
export interface Telemetry {
  /** A recipient's outcome at a provider (`none` where nobody was dialled). */
  attempted(provider: string, outcome: 'delivered' | 'transient' | 'permanent'): void;
  /**
   * A message was accepted by us so many seconds before the remote server took it. `before` is the
   * recipient's status until then: a receiver that deferred it has added to the time.
   */
  delivered(seconds: number, before: Status): void;
  /** A recipient is final. */
  finished(status: Status): void;
  postponed(why: string): void;
  /** The connection broke after the final dot: the next attempt may make a second copy. */
  duplicatePossible(id: string): void;
  held(id: string, tenant: string, reason: HeldReason, handlings: number): void;
  handlingFailed(id: string, error: unknown): void;
  /** Its key exists no more: nobody can read it, and it is dropped. */
  keyDestroyed(id: string, tenant: string, tenantState: string): void;
  reportMade(id: string): void;
  /** A report that has nobody to go to, or that could not be delivered. */
  reportDropped(id: string, reason: string): void;
}

/** Why mail may be put off without an attempt, while a process runs. */
const postponedBecause = [
  'key_unavailable',
  'overflow',
  'signing_unavailable',
  'spool_unavailable',
] as const;

export function createTelemetry(metrics: Registry, log: Logger): Telemetry {
  const registers = [metrics];
  const attempts = new Counter({
    name: 'mysmtp_delivery_attempts_total',
    help: 'Outcomes of attempts, a recipient each, by provider (large public ones, else other).',
    labelNames: ['provider', 'outcome'],
    registers,
  });
  const recipients = new Counter({
    name: 'mysmtp_delivery_finished_total',
    help: 'Recipients that became final, by status.',
    labelNames: ['status'],
    registers,
  });
  // There from the start: the first of a kind is a rise from zero, and no alert misses it.
  for (const status of statuses.filter(isFinal)) recipients.inc({ status }, 0);
  const time = new Histogram({
    name: 'mysmtp_delivery_seconds',
    help: "From our acceptance to the remote server's 250, by the recipient's status until then.",
    labelNames: ['status'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400, 432_000],
    registers,
  });
  for (const status of ['accepted', 'deferred'] satisfies Status[]) time.zero({ status });
  const postponements = new Counter({
    name: 'mysmtp_delivery_postponed_total',
    help: 'Times that mail was put off without an attempt, by reason.',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of postponedBecause) postponements.inc({ reason }, 0);
  const duplicates = new Counter({
    name: 'mysmtp_delivery_duplicates_possible_total',
    help: 'Connections lost between the final dot and its reply.',
    registers,
  });
  const parked = new Counter({
    name: 'mysmtp_delivery_held_total',
    help: 'Messages that were parked as held, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const failures = new Counter({
    name: 'mysmtp_delivery_handling_failures_total',
    help: 'Times that handling a message failed unexpectedly.',
    registers,
  });
  const destroyed = new Counter({
    name: 'mysmtp_delivery_dropped_total',
    help: 'Messages dropped because their key is destroyed, by state of the tenant.',
    labelNames: ['tenant_state'],
    registers,
  });
  const reports = new Counter({
    name: 'mysmtp_delivery_reports_total',
    help: 'Delivery status notifications: made, or dropped and why.',
    labelNames: ['outcome'],
    registers,
  });

  return {
    attempted: (provider, outcome) => attempts.inc({ provider, outcome }),
    delivered: (seconds, before) => time.observe({ status: before }, seconds),
    finished: (status) => recipients.inc({ status }),
    postponed: (reason) => postponements.inc({ reason }),
    duplicatePossible(id) {
      duplicates.inc();
      log.warn('mail.duplicate_possible', { message: id });
    },
    held(id, tenant, reason, handlings) {
      parked.inc({ reason });
      log.error('mail.held', { message: id, tenant, reason, attempt: handlings });
    },
    handlingFailed(id, error) {
      failures.inc();
      log.error('mail.handling_failed', { message: id, error });
    },
    keyDestroyed(id, tenant, tenantState) {
      destroyed.inc({ tenant_state: tenantState });
      log.warn('mail.key_destroyed', { message: id, tenant, status: tenantState });
    },
    reportMade(id) {
      reports.inc({ outcome: 'made' });
      log.info('report.made', { message: id });
    },
    reportDropped(id, reason) {
      reports.inc({ outcome: reason });
      log.info('report.dropped', { message: id, reason });
    },
  };
}

/** Numbers that are asked for rather than counted. */
export function addGauges(
  metrics: Registry,
  ask: {
    window: () => number;
    oldestAge: () => number;
    shelf: () => number;
    connections: () => number;
    sites: () => number;
  },
): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers: [], collect: () => made.set(value()) });
    metrics.registerMetric(made);
  };
  gauge('mysmtp_delivery_window_messages', 'Broker messages held by this process.', ask.window);
  // The broker hands out in order: whoever waits in its queue is younger than what is in hand.
  gauge(
    'mysmtp_delivery_oldest_message_age_seconds',
    'Since when the oldest broker message held by this process was accepted; 0 where there is none.',
    () => ask.oldestAge() / 1_000,
  );
  gauge('mysmtp_delivery_claimed_messages', 'Shelf messages held by this process.', ask.shelf);
  gauge('mysmtp_delivery_connections', 'Open SMTP connections.', ask.connections);
  gauge(
    'mysmtp_delivery_sites',
    'Sites with connections, mail or a failure not forgotten.',
    ask.sites,
  );
}
