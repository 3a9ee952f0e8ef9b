import { quotasOf, type QuotaReport } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { replies, type Reply } from '@mysmtp/mail';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Sender } from './credentials/sender.ts';

export type ListenerName = 'starttls' | 'tls' | 'network';

/** A message that the broker has confirmed. */
export interface AcceptedMessage {
  readonly id: string;
  readonly tenant: string;
  readonly bytes: number;
  readonly recipients: number;
  /** From the last octet of the message to the broker's confirm. */
  readonly milliseconds: number;
}

const listenersWithAuth: readonly ListenerName[] = ['starttls', 'tls'];
const outcomes = ['ok', 'failed', 'unavailable', 'throttled'] as const;

/** One function for each event of ingress: it writes log and metric together. Contains no personal data. */
export interface Telemetry {
  sessionOpened(listener: ListenerName): void;
  sessionClosed(listener: ListenerName): void;
  authenticated(listener: ListenerName, sender: Sender): void;
  /** `credential`: set if the user name exists. */
  authenticationFailed(listener: ListenerName, credential: string | undefined): void;
  authenticationUnavailable(listener: ListenerName): void;
  /** Nothing was checked, because too many attempts have failed. */
  authenticationThrottled(listener: ListenerName, reason: string): void;
  /** A refusal by us at any stage. `tenant` and `message` are set if they are known. */
  refused(reply: Reply, about: { readonly tenant?: string; readonly message?: string }): void;
  messageAccepted(receipt: AcceptedMessage): void;
  /** The client disconnected before the end of its message. Nothing was accepted or refused. */
  messageAbandoned(listener: ListenerName): void;
  /** The publish of a message failed or is uncertain. */
  publishFailed(message: string, reason: string): void;
  /**
   * It was reported to identity that a limit of a tenant or credential is nearly or completely used, or that
   * a credential is throttled.
   */
  quotaReported(what: QuotaReport): void;
  quotaNotReported(what: QuotaReport, error: unknown): void;
  /** A credential sends far more than usual, or to far more new recipients, and is throttled. */
  sendingUnusual(
    what: Pick<Sender, 'tenant' | 'credential'>,
    unusual: 'volume' | 'recipients',
  ): void;
  /** These messages appear in the usage log only when they are finished. */
  acceptedEventsLost(count: number, error: unknown): void;
}

/** Whether mail can be accepted, read at each scrape. */
export function exposeReadiness(isReady: () => boolean, registry: Registry): void {
  registry.registerMetric(
    new Gauge({
      name: 'mysmtp_publisher_ready',
      help: '1 while the broker accepts publishes.',
      registers: [],
      collect() {
        this.set(isReady() ? 1 : 0);
      },
    }),
  );
}

/** How many processes of ingress share the limits of tenants, read at each scrape. */
export function exposeProcesses(processes: () => number, registry: Registry): void {
  registry.registerMetric(
    new Gauge({
      name: 'mysmtp_quota_processes',
      help: 'Processes of ingress that share each limit, by their heartbeats.',
      registers: [],
      collect() {
        this.set(processes());
      },
    }),
  );
}

/** Names of our replies, for labels. */
const names = new Map<Reply, string>(
  Object.entries(replies).map(([name, reply]) => [reply, name] as const),
);

export function createTelemetry(log: Logger, registry: Registry): Telemetry {
  const registers = [registry];
  const sessions = new Gauge({
    name: 'mysmtp_smtp_sessions',
    help: 'Open SMTP sessions.',
    labelNames: ['listener'],
    registers,
  });
  const authentications = new Counter({
    name: 'mysmtp_smtp_authentications_total',
    help: 'AUTH commands by outcome: ok, failed, unavailable, throttled.',
    labelNames: ['listener', 'outcome'],
    registers,
  });
  for (const listener of listenersWithAuth) {
    for (const outcome of outcomes) authentications.inc({ listener, outcome }, 0);
  }
  const refusals = new Counter({
    name: 'mysmtp_smtp_refusals_total',
    help: 'Refusals by reply code and reason.',
    labelNames: ['code', 'reason'],
    registers,
  });
  // Exported from the start, so that alerts see the first event as an increase from zero.
  for (const [{ code }, reason] of names) if (code < 500) refusals.inc({ code, reason }, 0);
  const accepted = new Counter({
    name: 'mysmtp_messages_accepted_total',
    help: 'Messages answered with 250.',
    registers,
  });
  const acceptedBytes = new Counter({
    name: 'mysmtp_messages_accepted_bytes_total',
    help: 'Octets of messages answered with 250.',
    registers,
  });
  const acceptSeconds = new Histogram({
    name: 'mysmtp_accept_seconds',
    help: "From the last octet of a message to the broker's confirm.",
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  const abandoned = new Counter({
    name: 'mysmtp_messages_abandoned_total',
    help: 'Messages whose client disconnected before their end.',
    labelNames: ['listener'],
    registers,
  });
  for (const listener of listenersWithAuth) abandoned.inc({ listener }, 0);
  const publishFailures = new Counter({
    name: 'mysmtp_publish_failures_total',
    help: 'Messages whose publish failed or is uncertain, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const quotasReached = new Counter({
    name: 'mysmtp_quotas_reached_total',
    help: 'Limits of a tenant or credential of which 80 or 100 percent were used, by limit.',
    labelNames: ['limit', 'percent'],
    registers,
  });
  for (const limit of [...quotasOf('tenant'), ...quotasOf('credential')]) {
    for (const percent of [80, 100]) quotasReached.inc({ limit, percent }, 0);
  }
  const throttled = new Counter({
    name: 'mysmtp_credentials_throttled_total',
    help: 'Credentials that were throttled because too much of their mail bounced.',
    registers,
  });
  const lostEvents = new Counter({
    name: 'mysmtp_accepted_events_lost_total',
    help: 'message.accepted events that could not be published.',
    registers,
  });

  return {
    sessionOpened: (listener) => sessions.inc({ listener }),
    sessionClosed: (listener) => sessions.dec({ listener }),
    authenticated(listener, { tenant, credential }) {
      authentications.inc({ listener, outcome: 'ok' });
      log.info('auth.succeeded', { listener, tenant, credential });
    },
    authenticationFailed(listener, credential) {
      authentications.inc({ listener, outcome: 'failed' });
      log.info('auth.failed', { listener, credential });
    },
    authenticationThrottled(listener, reason) {
      authentications.inc({ listener, outcome: 'throttled' });
      log.info('auth.throttled', { listener, reason });
    },
    authenticationUnavailable(listener) {
      authentications.inc({ listener, outcome: 'unavailable' });
      log.warn('auth.unavailable', { listener });
    },
    refused(reply, { tenant, message }) {
      const reason = reply.reason ?? names.get(reply) ?? 'other';
      refusals.inc({ code: reply.code, reason });
      log.info('submission.refused', {
        code: reply.code,
        enhancedCode: reply.enhanced,
        reason,
        tenant,
        message,
      });
    },
    messageAccepted({ id, tenant, bytes, recipients, milliseconds }) {
      accepted.inc();
      acceptedBytes.inc(bytes);
      acceptSeconds.observe(milliseconds / 1_000);
      log.debug('message.accepted', { message: id, tenant, bytes, recipients, milliseconds });
    },
    messageAbandoned(listener) {
      abandoned.inc({ listener });
      log.info('message.abandoned', { listener });
    },
    publishFailed(message, reason) {
      publishFailures.inc({ reason });
      log.warn('message.not_published', { message, reason });
    },
    quotaReported(what) {
      const { tenant, credential } = what;
      if (what.about === 'bounces') {
        throttled.inc();
        log.warn('credential.throttled', { tenant, credential });
        return;
      }
      const { limit, percent } = what;
      quotasReached.inc({ limit, percent });
      log.info('quota.reached', { tenant, credential, limit, percent });
    },
    quotaNotReported: ({ tenant }, error) => log.warn('quota.not_reported', { tenant, error }),
    sendingUnusual({ tenant, credential }, unusual) {
      log.warn(`credential.${unusual}_unusual`, { tenant, credential });
    },
    acceptedEventsLost(count, error) {
      lostEvents.inc(count);
      log.warn('events.accepted_lost', { count, error });
    },
  };
}
