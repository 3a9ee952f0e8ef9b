import { dashboard, here, ours, rate } from './frame.ts';
import { heatmap, lines, number } from './panels.ts';

const messages = 'suffix: msg/s';
const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** A counter whose labels are unknown before the first event: 0 until then. */
const orNothing = (sum: string, counter: string): string =>
  `${sum} (rate(${counter}{${here}}[${rate}])) or sum(rate(mysmtp_delivery_handling_failures_total{${here}}[${rate}])) * 0`;

const quantiles = (buckets: string): Record<string, string> =>
  Object.fromEntries(
    ['0.5', '0.9', '0.99'].map((share) => [
      `${String(Number(share) * 100)} %`,
      `histogram_quantile(${share}, sum by (le) (rate(${buckets}{${here}}[${rate}])))`,
    ]),
  );

const now = [
  number({
    title: 'Accepted',
    description: 'Zero while customers send: check the refusals below.',
    unit: messages,
    queries: { accepted: `sum(rate(mysmtp_messages_accepted_total{${here}}[${rate}]))` },
  }),
  number({
    title: 'Delivered',
    description:
      'Counts recipients, so it is normally higher than the accepted messages; zero is not normal.',
    unit: 'suffix: rcpt/s',
    queries: {
      delivered: `sum(rate(mysmtp_delivery_finished_total{${here}, status="delivered"}[${rate}]))`,
    },
  }),
  number({
    title: 'Waiting in the mail queue',
    description:
      'Thousands for minutes: check whether delivery is up and its writes are not suspended.',
    unit: 'short',
    queries: {
      waiting: `sum(max by (namespace) (mysmtp_queue_messages_waiting{${here}, store="queue.delivery.mail"}))`,
    },
    odd: 1_000,
    bad: 10_000,
  }),
  number({
    title: 'Deferred queue',
    description: 'Mail that other servers deferred; if it grows, see which providers do that.',
    unit: 'short',
    queries: {
      deferred: `sum(max by (namespace, state) (mysmtp_deferred_messages{${here}, state=~"ready|leased"}))`,
    },
  }),
  number({
    title: 'Held',
    description: 'Held for an operator: see the runbook of MysmtpMailHeld.',
    unit: 'short',
    queries: { held: `sum(max by (namespace) (mysmtp_deferred_messages{${here}, state="held"}))` },
    odd: 1,
  }),
  number({
    title: 'TLS certificate expires in',
    description: 'Renew it before it is orange: see the runbook of MysmtpCertificateExpiring.',
    unit: 's',
    queries: {
      left: `min(mysmtp_certificate_expiry_timestamp_seconds{${here}}) - time()`,
    },
    lowIsBad: true,
    odd: 2 * day,
    bad: 14 * day,
  }),
];

const flow = [
  lines({
    title: 'Accepted and delivered',
    description: 'The two run in parallel; a permanent gap is a backlog.',
    unit: messages,
    queries: {
      accepted: `sum(rate(mysmtp_messages_accepted_total{${here}}[${rate}]))`,
      'recipients delivered': `sum(rate(mysmtp_delivery_finished_total{${here}, status="delivered"}[${rate}]))`,
    },
  }),
  lines({
    title: 'Recipients with a final result',
    description: 'Many bounced or expired: check the replies in the usage log of a customer.',
    unit: 'suffix: rcpt/s',
    queries: {
      '{{status}}': `sum by (status) (rate(mysmtp_delivery_finished_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'Attempts by outcome',
    description: 'transient is deferred (4xx, lost connections), permanent bounces.',
    unit: 'suffix: rcpt/s',
    queries: {
      '{{outcome}}': `sum by (outcome) (rate(mysmtp_delivery_attempts_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'Failed attempts by provider',
    description: 'One provider only: it blocks or throttles us; all of them: our network or DNS.',
    unit: 'suffix: rcpt/s',
    queries: {
      '{{provider}} {{outcome}}': `sum by (provider, outcome) (rate(mysmtp_delivery_attempts_total{${here}, outcome!="delivered"}[${rate}]))`,
    },
  }),
  lines({
    title: 'From our 250 to the remote 250',
    description: 'Seconds are normal; minutes mean that mail waits here or is deferred there.',
    unit: 's',
    queries: quantiles('mysmtp_delivery_seconds_bucket'),
  }),
  lines({
    title: "From a message's last octet to our 250",
    description: 'The waiting time of a client; above a second check RabbitMQ.',
    unit: 's',
    queries: quantiles('mysmtp_accept_seconds_bucket'),
  }),
  heatmap({
    title: 'From our 250 to the remote 250, by bucket',
    description: 'A second band at minutes is mail that waits here, or that receivers deferred.',
    unit: 's',
    buckets: `sum by (le) (increase(mysmtp_delivery_seconds_bucket{${here}}[${rate}]))`,
  }),
  heatmap({
    title: "From a message's last octet to our 250, by bucket",
    description: 'A second band above a second is usually a disk of RabbitMQ or of MongoDB.',
    unit: 's',
    buckets: `sum by (le) (increase(mysmtp_accept_seconds_bucket{${here}}[${rate}]))`,
  }),
  lines({
    title: 'Octets accepted',
    description: 'Large messages pass MongoDB: check its disk if this rises and mail does not.',
    unit: 'Bps',
    queries: { accepted: `sum(rate(mysmtp_messages_accepted_bytes_total{${here}}[${rate}]))` },
  }),
  lines({
    title: 'Messages without a confirm of RabbitMQ',
    description: 'Each got 451: see the runbook of MysmtpMailNotAccepted.',
    unit: messages,
    queries: {
      // No reason is counted before its first event.
      '{{reason}}': `sum by (reason) (rate(mysmtp_publish_failures_total{${here}}[${rate}])) or sum(rate(mysmtp_messages_accepted_total{${here}}[${rate}])) * 0`,
    },
  }),
  lines({
    title: 'Our refusals',
    description: '5xx are errors of clients; 451 and 421 are internal: check broker and keys.',
    unit: messages,
    queries: {
      '{{code}} {{reason}}': `sum by (code, reason) (rate(mysmtp_smtp_refusals_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'Abandoned by the client',
    description: 'Messages whose client disconnected before their end; clients send them again.',
    unit: messages,
    queries: {
      '{{listener}}': `sum by (listener) (rate(mysmtp_messages_abandoned_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'AUTH by outcome',
    description: 'Many failed ones are an attacker who guesses; unavailable ones are internal.',
    unit: 'suffix: /s',
    queries: {
      '{{outcome}}': `sum by (outcome) (rate(mysmtp_smtp_authentications_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'Authentications throttled',
    description: 'Refused or delayed, because too many have failed; see MysmtpAuthThrottled.',
    unit: 'suffix: /s',
    queries: {
      '{{job}} {{reason}}': `sum by (job, reason) (rate(mysmtp_auth_throttled_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'Notices to account holders',
    description: 'Failed ones are repeated for three days; refused and dropped ones are lost.',
    unit: messages,
    queries: {
      '{{outcome}}': `sum by (outcome) (rate(mysmtp_identity_notices_total{${here}}[${rate}]))`,
    },
  }),
];

const waiting = [
  lines({
    title: 'Messages in the queues',
    description: 'A queue that only grows has no consumer or a slow one.',
    unit: 'short',
    queries: {
      '{{namespace}} {{store}}': `max by (namespace, store) (mysmtp_queue_messages_waiting{${here}})`,
    },
  }),
  lines({
    title: 'Age of the oldest',
    description: 'Mail in flight in delivery; events when the usage log last wrote any.',
    unit: 's',
    queries: {
      mail: `max(mysmtp_delivery_oldest_message_age_seconds{${here}})`,
      'usage log': `max(mysmtp_usage_log_lag_seconds{${here}})`,
    },
    odd: 5 * minute,
    bad: 15 * minute,
  }),
  lines({
    title: 'Statistics behind the usage log',
    description: 'How long the oldest change of a row waits to be counted: MysmtpStatisticsBehind.',
    unit: 's',
    queries: { statistics: `max(mysmtp_usage_log_statistics_lag_seconds{${here}})` },
    odd: 15 * minute,
    bad: 60 * minute,
  }),
  lines({
    title: 'Deferred queue by state',
    description:
      'ready waits for its next attempt, leased is being tried, held waits for an operator.',
    unit: 'short',
    queries: {
      '{{namespace}} {{state}}': `max by (namespace, state) (mysmtp_deferred_messages{${here}})`,
    },
  }),
  lines({
    title: 'Oldest deferred message',
    description: 'Mail is given up after five days; above the limit see MysmtpRetentionExceeded.',
    unit: 's',
    queries: {
      oldest: `max(mysmtp_oldest_personal_record_age_seconds{${here}, store="delivery.deferred"})`,
      limit: `max(mysmtp_retention_limit_seconds{${here}, store="delivery.deferred"})`,
    },
  }),
  lines({
    title: 'Postponed mail by reason',
    description: 'key and signing wait for privacy, spool for ingress, overflow for a slow site.',
    unit: messages,
    queries: {
      '{{reason}}': `sum by (reason) (rate(mysmtp_delivery_postponed_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'Held, dropped, DSNs',
    description:
      'Held mail waits for an operator: MysmtpMailHeld; the key of dropped mail is destroyed.',
    unit: messages,
    queries: {
      'held, {{reason}}': orNothing('sum by (reason)', 'mysmtp_delivery_held_total'),
      'dropped, tenant {{tenant_state}}': orNothing(
        'sum by (tenant_state)',
        'mysmtp_delivery_dropped_total',
      ),
      'DSN {{outcome}}': orNothing('sum by (outcome)', 'mysmtp_delivery_dsns_total'),
    },
  }),
  lines({
    title: 'Leased deferred messages',
    description: 'Leased by a process for an attempt; constant while mail waits: restart that pod.',
    unit: 'short',
    queries: { '{{pod}}': `sum by (pod) (mysmtp_delivery_leased_messages{${here}, pod=~"$pod"})` },
  }),
  lines({
    title: 'Failed handling, possible copies',
    description:
      'Failures: read the log of delivery; copies: connections lost after the final dot.',
    unit: messages,
    queries: {
      failures: `sum(rate(mysmtp_delivery_handling_failures_total{${here}}[${rate}]))`,
      'possible duplicates': `sum(rate(mysmtp_delivery_duplicates_possible_total{${here}}[${rate}]))`,
    },
  }),
];

const connections = [
  lines({
    title: 'Connections of clients',
    description: 'Near CONNECTION_LIMIT for each process of ingress: add replicas.',
    unit: 'short',
    queries: { '{{listener}}': `sum by (listener) (mysmtp_smtp_sessions{${here}})` },
  }),
  lines({
    title: 'Connections to other servers',
    description: 'None while mail waits: test port 25 and DNS from a pod of delivery.',
    unit: 'short',
    queries: {
      connections: `sum(mysmtp_delivery_connections{${here}})`,
      sites: `max(mysmtp_delivery_sites{${here}})`,
      'messages in flight': `sum(mysmtp_delivery_window_messages{${here}})`,
    },
  }),
  lines({
    title: 'Ready to accept mail',
    description: '0: the broker blocks publishers, or the projection of a service is incomplete.',
    unit: 'short',
    queries: {
      'broker accepts mail': `min(mysmtp_publisher_ready{${here}})`,
      'projection of {{namespace}} {{job}}': `min by (namespace, job) (mysmtp_projection_ready{${here}})`,
    },
    lowIsBad: true,
    bad: 1,
  }),
  lines({
    title: 'Answers of the APIs',
    description: '5xx: read the log of that service for api.failed.',
    unit: 'reqps',
    queries: {
      '{{job}} {{status}}': `sum by (job, status) (rate(mysmtp_http_request_duration_seconds_count{${here}, job=~"$service"}[${rate}]))`,
      '{{job}} over the limit {{reason}}': `sum by (job, reason) (rate(mysmtp_http_rate_limited_total{${here}, job=~"$service"}[${rate}]))`,
      '{{job}} refused: {{reason}}': `sum by (job, reason) (rate(mysmtp_http_refused_total{${here}, job=~"$service"}[${rate}]))`,
    },
  }),
];

const usageLog = [
  lines({
    title: 'States of rows, by result',
    description:
      'unreadable: its key is destroyed, or it is no event of ours; read the log of logging.',
    unit: 'suffix: rows/s',
    queries: {
      '{{result}}': `sum by (result) (rate(mysmtp_usage_log_events_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'Failed writes, lost events, omitted rows',
    description: 'Failed writes are retried: MysmtpUsageLogBehind; lost events: MysmtpEventsLost.',
    unit: 'suffix: /s',
    queries: {
      'failed writes': `sum(rate(mysmtp_usage_log_write_failures_total{${here}}[${rate}]))`,
      'lost events': `sum(rate(mysmtp_accepted_events_lost_total{${here}}[${rate}]))`,
      'rows omitted from an answer': `sum(rate(mysmtp_usage_log_rows_left_out_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'Time of a bulk write',
    description: 'Above half a second: check the disk of the database of logging.',
    unit: 's',
    queries: quantiles('mysmtp_usage_log_write_duration_seconds_bucket'),
  }),
  lines({
    title: 'Rows in a bulk write',
    description: 'Near 2,000 logging is behind: the queue of events shows by how much.',
    unit: 'short',
    queries: quantiles('mysmtp_usage_log_batch_rows_bucket'),
  }),
];

const accounts = [
  lines({
    title: 'Unpublished changes',
    description: 'Above 0 for minutes a revoked credential still works: MysmtpChangesNotPublished.',
    unit: 'short',
    queries: {
      '{{namespace}}': `max by (namespace) (mysmtp_outbox_waiting{${here}})`,
    },
    odd: 1,
  }),
  lines({
    title: 'Age of the oldest unpublished change',
    description: 'Seconds are normal; minutes: see the runbook of MysmtpChangesNotPublished.',
    unit: 's',
    queries: {
      '{{namespace}}': `max by (namespace) (mysmtp_outbox_oldest_age_seconds{${here}})`,
    },
    odd: minute,
    bad: 5 * minute,
  }),
  lines({
    title: 'Entities in each projection',
    description:
      'Equal in all processes of a service except for moments: MysmtpProjectionIncomplete.',
    unit: 'short',
    queries: {
      '{{namespace}} {{job}} {{entity}}, fewest': `min by (namespace, job, entity) (mysmtp_projection_entities{${here}, job=~"$service", pod=~"$pod"})`,
      '{{namespace}} {{job}} {{entity}}, most': `max by (namespace, job, entity) (mysmtp_projection_entities{${here}, job=~"$service", pod=~"$pod"})`,
    },
  }),
  lines({
    title: 'Applied changes, failed snapshots',
    description: 'Changes arrive as events, or by a snapshot after each connection to the broker.',
    unit: 'suffix: /s',
    queries: {
      '{{job}} {{entity}} by {{source}}': `sum by (job, entity, source) (rate(mysmtp_projection_changes_total{${here}, job=~"$service", pod=~"$pod"}[${rate}]))`,
      '{{job}} failed snapshots': `sum by (job) (rate(mysmtp_projection_snapshot_failures_total{${here}, job=~"$service", pod=~"$pod"}[${rate}]))`,
    },
  }),
  lines({
    title: 'Changes at identity',
    description: 'Many revocations at once: find the token that made them in the log of identity.',
    unit: 'suffix: /s',
    queries: {
      '{{entity}} {{change}}': `sum by (entity, change) (rate(mysmtp_identity_changes_total{${here}}[${rate}]))`,
    },
  }),
];

const quotas = [
  lines({
    title: 'Mail above a limit',
    description:
      'Refused with the limit in the reply; raise it for a customer, or see docs/quotas.md.',
    unit: messages,
    queries: {
      '{{reason}}': `sum by (reason) (rate(mysmtp_smtp_refusals_total{${here}, reason=~".*(Hour|Day|Month|bounce|Connection)Limit"}[${rate}]))`,
    },
  }),
  lines({
    title: 'Limits that were reached',
    description: 'By 80 and 100 % of a day or a month: MysmtpQuotaReached.',
    unit: 'short',
    queries: {
      '{{limit}} {{percent}} %': `sum by (limit, percent) (increase(mysmtp_quotas_reached_total{${here}}[1h]))`,
    },
  }),
  lines({
    title: 'Credentials throttled because of bounces',
    description: 'Ends by itself at midnight UTC; look at the customer: MysmtpCredentialThrottled.',
    unit: 'short',
    queries: {
      '{{namespace}}': `sum by (namespace) (increase(mysmtp_credentials_throttled_total{${here}}[1h]))`,
    },
    odd: 1,
  }),
  lines({
    title: 'Processes that share each limit',
    description: 'As each process of ingress counts; fewer than there are let more mail through.',
    unit: 'short',
    queries: {
      fewest: `min(mysmtp_quota_processes{${here}})`,
      most: `max(mysmtp_quota_processes{${here}})`,
    },
  }),
  lines({
    title: 'API requests above a limit',
    description: 'By limit: of a key, of a customer (account), or of a network without a token.',
    unit: 'suffix: /s',
    queries: {
      '{{reason}}': `sum by (reason) (rate(mysmtp_http_rate_limited_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'Mail of stopped customers',
    description: 'Messages that waited because their tenant is suspended or restricted.',
    unit: messages,
    queries: {
      postponed: `sum(rate(mysmtp_delivery_postponed_total{${here}, reason="tenant_stopped"}[${rate}]))`,
    },
  }),
];

const services = 'ingress|delivery|logging|identity|privacy';

const resources = [
  lines({
    title: 'Pods ready and wanted',
    description: 'Fewer ready than wanted for minutes: see the runbook of MysmtpNotReady.',
    unit: 'short',
    queries: {
      'ready {{namespace}} {{job}}': `sum by (namespace, job) (mysmtp_ready{${here}, job=~"$service"})`,
      // From kube-state-metrics if it exists; else the targets that Prometheus scrapes.
      'wanted {{namespace}} {{job}}': `max by (namespace, job) (label_replace(kube_deployment_spec_replicas{${here}, deployment=~".+-(${services})"} and on (namespace) mysmtp_ready{${here}}, "job", "$1", "deployment", ".+-(${services})")) or count by (namespace, job) (mysmtp_ready{${here}, job=~"$service"})`,
    },
  }),
  lines({
    title: 'Processes that answer',
    description: 'Fewer than the configured replicas: see the runbook of MysmtpServiceDown.',
    unit: 'short',
    queries: { '{{job}}': `sum by (job) (up{${ours}})` },
  }),
  lines({
    title: 'CPU',
    description: 'Cores; at the limit of a pod add replicas of that service.',
    unit: 'short',
    queries: { '{{job}}': `sum by (job) (rate(process_cpu_seconds_total{${ours}}[${rate}]))` },
  }),
  lines({
    title: 'Resident memory',
    description: 'Grows for hours without mail: a leak; near the limit of a pod: raise the limit.',
    unit: 'bytes',
    queries: {
      '{{namespace}} {{pod}}': `max by (namespace, pod) (process_resident_memory_bytes{${ours}})`,
    },
  }),
  lines({
    title: 'Delay of the event loop, 99 %',
    description: 'Above half a second everything is late: see the runbook of MysmtpEventLoopSlow.',
    unit: 's',
    queries: {
      '{{namespace}} {{pod}}': `max by (namespace, pod) (nodejs_eventloop_lag_p99_seconds{${ours}})`,
    },
    odd: 0.3,
    bad: 0.5,
  }),
  lines({
    title: 'Starts within an hour',
    description: 'More than a rollout explains: read the end of the log of the previous process.',
    unit: 'short',
    queries: { '{{job}}': `sum by (job) (changes(process_start_time_seconds{${ours}}[1h]))` },
  }),
  lines({
    title: 'Open files',
    description: 'Each connection is one; near the limit of the process new ones are refused.',
    unit: 'short',
    queries: { '{{namespace}} {{pod}}': `max by (namespace, pod) (process_open_fds{${ours}})` },
  }),
];

const domains = [
  lines({
    title: 'Sender domains',
    description: 'Unverified ones may not send; many for days: customers do not find the records.',
    unit: 'short',
    queries: {
      '{{state}}': `sum by (state) (max by (namespace, state) (mysmtp_domains{${here}}))`,
    },
  }),
  lines({
    title: 'Domains that lost a DNS record',
    description: 'They had it before; many at once: see the runbook of MysmtpDomainRecordsBroken.',
    unit: 'short',
    queries: {
      '{{record}}': `sum by (record) (max by (namespace, record) (mysmtp_domain_records_broken{${here}}))`,
    },
  }),
  lines({
    title: 'Records lost within an hour',
    description: 'More than five of a kind: see the runbook of MysmtpDomainRecordsBroken.',
    unit: 'short',
    queries: {
      '{{record}}': `sum by (record) (increase(mysmtp_domain_records_broken_total{${here}}[1h]))`,
    },
  }),
  lines({
    title: 'Lookups of DNS records',
    description: 'Mostly error: DNS does not answer, see the runbook of MysmtpDomainChecksFailing.',
    unit: 'short',
    queries: {
      '{{state}}': `sum by (state) (increase(mysmtp_domain_lookups_total{${here}}[1h]))`,
    },
  }),
  lines({
    title: 'Oldest check that is due',
    description: 'Above half an hour: see the runbook of MysmtpDomainChecksFailing.',
    unit: 's',
    queries: { oldest: `max(mysmtp_domain_checks_overdue_seconds{${here}})` },
    odd: 600,
    bad: 1_800,
  }),
  lines({
    title: 'Messages sent unsigned',
    description: 'DNS publishes no DKIM key of their domain; its customer must publish one.',
    unit: messages,
    queries: { unsigned: `sum(rate(mysmtp_delivery_unsigned_total{${here}}[${rate}]))` },
  }),
];

export const mailFlow = dashboard({
  uid: 'mysmtp-mail-flow',
  title: 'mySMTP: mail flow',
  description: 'Incoming and outgoing mail, queues, and resources.',
  rows: [
    { title: 'Now', panels: now },
    { title: 'Flow', panels: flow },
    { title: 'What waits', panels: waiting },
    { title: 'Usage log', panels: usageLog },
    { title: 'Accounts', panels: accounts },
    { title: 'Sender domains', panels: domains },
    { title: 'Quotas', panels: quotas },
    { title: 'Connections', panels: connections },
    { title: 'Resources', panels: resources },
  ],
});
