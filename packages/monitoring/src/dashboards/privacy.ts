import { dashboard, here, rate } from './frame.ts';
import { bars, lines, number } from './panels.ts';

const hour = 3_600;
const day = 24 * hour;

const age = `max by (namespace, store) (mysmtp_oldest_personal_record_age_seconds{${here}})`;
const limit = `max by (namespace, store) (mysmtp_retention_limit_seconds{${here}})`;

const now = [
  number({
    title: 'Stores over their limit',
    description: 'Anything but 0: see the runbook of MysmtpRetentionExceeded.',
    unit: 'short',
    queries: { over: `count(${age} > ${limit}) or vector(0)` },
    bad: 1,
  }),
  number({
    title: 'Erasures under way',
    description: 'Each takes minutes; GET /v1/erasures of privacy names them.',
    unit: 'short',
    queries: {
      open: `sum(max by (namespace, state) (mysmtp_erasures{${here}, state!="completed_live"}))`,
    },
  }),
  number({
    title: 'Oldest open erasure',
    description: 'Red: it does not continue, see the runbook of MysmtpErasureStuck.',
    unit: 's',
    queries: { oldest: `max(mysmtp_erasure_oldest_open_seconds{${here}})` },
    odd: hour,
    bad: 4 * hour,
  }),
  number({
    title: 'Requests of persons under way',
    description: 'GET /v1/requests of privacy names them.',
    unit: 'short',
    queries: {
      open: `sum(max by (namespace, state) (mysmtp_person_requests{${here}, state!~"completed.*|refused|cancelled|awaiting_challenge"}))`,
    },
  }),
  number({
    title: 'Oldest open request',
    description:
      'Yellow: 72 hours, our own target. Red: 20 of the days of a month: MysmtpRequestDeadline.',
    unit: 's',
    queries: { oldest: `max(mysmtp_person_request_oldest_open_seconds{${here}})` },
    odd: 3 * day,
    bad: 20 * day,
  }),
  number({
    title: 'Processes with suspended writes',
    description: 'They may have missed a fence, so they write nothing: MysmtpWritesSuspended.',
    unit: 'short',
    queries: { closed: `count(mysmtp_tenant_guard_current{${here}} == 0) or vector(0)` },
    bad: 1,
  }),
  number({
    title: 'Dead letters',
    description: 'Messages whose handling failed; settle them within five days: MysmtpDeadLetters.',
    unit: 'short',
    queries: { waiting: `sum(max by (namespace) (mysmtp_dead_letters{${here}}))` },
    odd: 1,
  }),
  number({
    title: 'Keys past their day',
    description: 'They should be destroyed and are not: see the runbook of MysmtpKeysOverdue.',
    unit: 'short',
    queries: { overdue: `sum(max by (namespace) (mysmtp_keyring_overdue_roots{${here}}))` },
    bad: 1,
  }),
];

const retention = [
  bars({
    title: 'Oldest record, as a share of its limit',
    description: 'Full is the limit; nothing may be older.',
    unit: 'percentunit',
    queries: { '{{namespace}} {{store}}': `${age} / ${limit}` },
    max: 1,
    odd: 0.99,
    bad: 1,
  }),
  lines({
    title: 'Age of the oldest record',
    description: 'A line that rises above its usual peak: its job has stopped.',
    unit: 's',
    queries: {
      '{{namespace}} {{store}}': age,
    },
  }),
  lines({
    title: 'Jobs whose last run failed, the worst process',
    description: 'Scheduled jobs: retention, rotation of keys. MysmtpJobFailing.',
    unit: 'short',
    queries: { '{{namespace}} {{job}}': `max by (namespace, job) (mysmtp_failing_jobs{${here}})` },
    bad: 1,
  }),
];

const erasures = [
  lines({
    title: 'Erasures by state',
    description: 'partial waits for a silent store, failed found records after the purge.',
    unit: 'short',
    queries: { '{{namespace}} {{state}}': `max by (namespace, state) (mysmtp_erasures{${here}})` },
  }),
  lines({
    title: 'Age of the oldest open erasure',
    description: 'Rises and does not fall: ask privacy what is missing.',
    unit: 's',
    queries: { oldest: `max(mysmtp_erasure_oldest_open_seconds{${here}})` },
    odd: hour,
    bad: 4 * hour,
  }),
  lines({
    title: 'Tenant guards, the worst process',
    description: '0 for longer than a start: that service does not reach the broker or privacy.',
    unit: 'short',
    queries: {
      '{{namespace}} {{job}}': `min by (namespace, job) (mysmtp_tenant_guard_current{${here}})`,
    },
    lowIsBad: true,
    bad: 1,
  }),
  lines({
    title: 'Answers that wait for privacy',
    description: 'Receipts of the services; if they accumulate, no erasure continues.',
    unit: 'short',
    queries: {
      '{{namespace}} {{store}}': `max by (namespace, store) (mysmtp_queue_messages_waiting{${here}, store=~"queue.privacy.*"})`,
    },
  }),
];

const keys = [
  lines({
    title: 'Age of the oldest root',
    description:
      'By default mail ends at 8 days, events at 32, client at 9 (made a day ahead); epoch: by erasure.',
    unit: 's',
    queries: {
      '{{namespace}} {{kind}}': `max by (namespace, kind) (mysmtp_keyring_oldest_root_age_seconds{${here}})`,
    },
  }),
  lines({
    title: 'Roots that are not destroyed',
    description: 'Constant except for erasures; see MysmtpKeysOverdue and MysmtpClockDoubted.',
    unit: 'short',
    queries: {
      '{{namespace}} {{kind}}': `max by (namespace, kind) (mysmtp_keyring_roots{${here}})`,
      overdue: `max(mysmtp_keyring_overdue_roots{${here}})`,
      'clock in doubt': `max(mysmtp_keyring_clock_doubted{${here}})`,
    },
  }),
  lines({
    title: 'Requests for keys, by the result of privacy',
    description: 'failed: privacy cannot read its vault or its database.',
    unit: 'reqps',
    queries: {
      '{{outcome}}': `sum by (outcome) (rate(mysmtp_keyring_requests_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'Keys given, by caller and purpose',
    description: 'A caller without permission gets 403: see the panel of internal requests.',
    unit: 'short',
    queries: {
      '{{caller}} {{purpose}}': `sum by (caller, purpose) (rate(mysmtp_keyring_keys_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'Requests between services',
    description: 'By caller and status; 401 and 403 are a foreign caller or a mistake.',
    unit: 'reqps',
    queries: {
      '{{caller}} to {{job}} {{status}}': `sum by (caller, job, status) (rate(mysmtp_internal_requests_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'Requests for keys, by the result at the services',
    description: 'unavailable: privacy does not answer; stale keys are used for a while.',
    unit: 'reqps',
    queries: {
      '{{job}} {{outcome}}': `sum by (job, outcome) (rate(mysmtp_key_requests_total{${here}}[${rate}]))`,
      '{{job}} with stale keys': `sum by (job) (rate(mysmtp_key_stale_uses_total{${here}}[${rate}]))`,
    },
  }),
  lines({
    title: 'TLS certificates expire in',
    description: 'Below two weeks: see the runbook of MysmtpCertificateExpiring.',
    unit: 's',
    queries: {
      '{{namespace}}': `min by (namespace) (mysmtp_certificate_expiry_timestamp_seconds{${here}}) - time()`,
    },
    lowIsBad: true,
    odd: 2 * day,
    bad: 14 * day,
  }),
];

const strays = [
  lines({
    title: 'Waiting dead letters',
    description: 'They are deleted after five days, settled or not.',
    unit: 'short',
    queries: { waiting: `max by (namespace) (mysmtp_dead_letters{${here}})` },
    odd: 1,
  }),
  lines({
    title: 'New dead letters, by the hour',
    description: 'Any of kind erasure: a command or an answer of an erasure got lost.',
    unit: 'short',
    queries: { '{{kind}}': `sum by (kind) (increase(mysmtp_dead_letters_total{${here}}[1h]))` },
  }),
  lines({
    title: "Attempts at another tenant's data",
    description: 'A token that requests data of another tenant; read the log of the service.',
    unit: 'suffix: /s',
    queries: {
      attempts: `sum(rate(mysmtp_http_refused_total{${here}, reason=~"foreign|access"}[${rate}]))`,
    },
    odd: 0.01,
  }),
  lines({
    title: 'Findings of detection, by the hour',
    description: 'high: act now; medium: look at the customer: see the runbook of MysmtpFinding.',
    unit: 'short',
    queries: {
      '{{severity}} {{rule}}': `sum by (severity, rule) (increase(mysmtp_findings_total{${here}}[1h])) > 0`,
    },
  }),
  lines({
    title: 'Sign-ins of people, by the hour',
    description: 'Many refused passwords or second factors: somebody guesses.',
    unit: 'short',
    queries: { '{{result}}': `sum by (result) (increase(mysmtp_sign_ins_total{${here}}[1h]))` },
  }),
];

const auditChain = [
  number({
    title: 'The audit chain was changed',
    description: 'Anything but 0: see the runbook of MysmtpAuditChainBroken.',
    unit: 'short',
    queries: {
      broken: `max(mysmtp_audit_chain_broken{${here}})`,
      refused: `sum(increase(mysmtp_audit_heads_refused_total{${here}}[1h]))`,
    },
    bad: 1,
  }),
  number({
    title: 'Age of its newest signed head',
    description: 'A head is signed every five minutes: MysmtpAuditHeadLate.',
    unit: 's',
    queries: { age: `min(mysmtp_audit_head_age_seconds{${here}})` },
    bad: 900,
  }),
  number({
    title: 'Since the last full check of the chain',
    description: 'Every entry is checked again, usually once a day: MysmtpAuditCheckLate.',
    unit: 's',
    queries: { age: `min(mysmtp_audit_full_check_age_seconds{${here}})` },
    bad: 691_200,
  }),
  lines({
    title: 'Entries of the audit chain, by the hour',
    description: 'Dropped events are missing in it: MysmtpSecurityEventsDropped.',
    unit: 'short',
    queries: {
      entries: `sum(increase(mysmtp_audit_entries_total{${here}}[1h]))`,
      'failed writes': `sum(increase(mysmtp_audit_write_failures_total{${here}}[1h]))`,
      '{{job}} dropped': `sum by (job) (increase(mysmtp_security_events_dropped_total{${here}}[1h]))`,
    },
  }),
];

export const privacy = dashboard({
  uid: 'mysmtp-privacy',
  title: 'mySMTP: privacy',
  description: 'Deletion of personal data: by time, by request, and with its keys.',
  rows: [
    { title: 'Now', panels: now },
    { title: 'By time', panels: retention },
    { title: 'By request', panels: erasures },
    { title: 'Keys', panels: keys },
    { title: 'Audit chain', panels: auditChain },
    { title: 'Strays', panels: strays },
  ],
});
