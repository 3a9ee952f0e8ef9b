import { isFinal, statuses, type Status } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { HeldReason } from './core/state.ts';

/** One function for each event of a message: it writes the log line and the metric together. */
export interface Telemetry {
  /** A recipient's outcome at a provider (`none` if nothing was dialled). */
  attempted(provider: string, outcome: 'delivered' | 'transient' | 'permanent'): void;
  /**
   * `seconds`: from our acceptance to the acceptance by the remote server. `before`: the recipient's status
   * until then, because a deferral by the receiver adds to the time.
   */
  delivered(seconds: number, before: Status): void;
  /** A recipient is final. */
  finished(status: Status): void;
  postponed(why: string): void;
  /** The connection broke after the final dot: the next attempt may make a second copy. */
  duplicatePossible(id: string): void;
  held(id: string, tenant: string, reason: HeldReason, unfinishedHandlings: number): void;
  handlingFailed(id: string, error: unknown): void;
  /** The key is destroyed: the message can never be opened and is dropped. */
  keyDestroyed(id: string, tenant: string, tenantState: string): void;
  dsnCreated(id: string): void;
  /** A DSN that has no recipient, or that could not be delivered. */
  dsnDropped(id: string, reason: string): void;
}

/** Reasons to postpone mail without an attempt. */
const postponedBecause = [
  'key_unavailable',
  'overflow',
  'signing_unavailable',
  'spool_unavailable',
  'suppressed_meanwhile',
  'tenant_stopped',
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
  // Exported from the start, so that alerts see the first event as an increase from zero.
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
    help: 'Times that mail was postponed without an attempt, by reason.',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of postponedBecause) postponements.inc({ reason }, 0);
  const duplicates = new Counter({
    name: 'mysmtp_delivery_duplicates_possible_total',
    help: 'Connections lost between the final dot and its reply.',
    registers,
  });
  const heldMessages = new Counter({
    name: 'mysmtp_delivery_held_total',
    help: 'Messages that were held, by reason.',
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
  const dsns = new Counter({
    name: 'mysmtp_delivery_dsns_total',
    help: 'Delivery status notifications: created, or the reason why they were dropped.',
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
    held(id, tenant, reason, unfinishedHandlings) {
      heldMessages.inc({ reason });
      log.error('mail.held', { message: id, tenant, reason, attempt: unfinishedHandlings });
    },
    handlingFailed(id, error) {
      failures.inc();
      log.error('mail.handling_failed', { message: id, error });
    },
    keyDestroyed(id, tenant, tenantState) {
      destroyed.inc({ tenant_state: tenantState });
      log.warn('mail.key_destroyed', { message: id, tenant, status: tenantState });
    },
    dsnCreated(id) {
      dsns.inc({ outcome: 'made' });
      log.info('dsn.created', { message: id });
    },
    dsnDropped(id, reason) {
      dsns.inc({ outcome: reason });
      log.info('dsn.dropped', { message: id, reason });
    },
  };
}

/** Counts messages that are sent unsigned, because DNS publishes no key of their domain. */
export function countUnpublished(metrics: Registry): () => void {
  const counter = new Counter({
    name: 'mysmtp_delivery_unsigned_total',
    help: 'Times that a message was sent unsigned, because DNS publishes no key of its domain.',
    registers: [metrics],
  });
  return () => counter.inc();
}

/** Gauges that are read at each scrape. */
export function addGauges(
  metrics: Registry,
  ask: {
    window: () => number;
    oldestAge: () => number;
    deferred: () => number;
    connections: () => number;
    sites: () => number;
  },
): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers: [], collect: () => made.set(value()) });
    metrics.registerMetric(made);
  };
  gauge(
    'mysmtp_delivery_window_messages',
    'Broker messages in flight in this process.',
    ask.window,
  );
  // The broker delivers in order, so messages in its queue are younger than messages in flight.
  gauge(
    'mysmtp_delivery_oldest_message_age_seconds',
    'Time since acceptance of the oldest broker message in flight in this process; 0 if there is none.',
    () => ask.oldestAge() / 1_000,
  );
  gauge(
    'mysmtp_delivery_leased_messages',
    'Messages of the deferred queue leased by this process.',
    ask.deferred,
  );
  gauge('mysmtp_delivery_connections', 'Open SMTP connections.', ask.connections);
  gauge(
    'mysmtp_delivery_sites',
    'Sites with connections, waiting mail or a recent failure.',
    ask.sites,
  );
}
