import { rare, wordsOf } from './words.ts';

const metricLabels = {
  // Labels of our own metrics: words from fixed lists, never the name of a person, a domain or an
  // address.
  store: 'Id of a store of this registry.',
  state: 'A state of our own.',
  provider: 'One of a fixed list of large mail providers, else other.',
  outcome: 'ok, failed and similar.',
  status: 'A status of a recipient, or an HTTP status.',
  reason: 'A reason from a fixed list.',
  tenant_state: rare('active, fenced or erased.'),
  entity: 'tenant, credential, domain, token, access or suspension.',
  change: 'created, changed or revoked.',
  source: 'event or snapshot.',
  record: 'A kind of DNS record of a domain: ownership, dkim, spf and others.',
  listener: 'starttls, tls or network.',
  code: rare('SMTP reply code.'),
  limit: rare('Name of a limit of a plan.'),
  percent: rare('80 or 100.'),
  result: 'written, or the reason why it was ignored; of a sign-in what was refused.',
  kind: 'Of a root, a dead letter, a signed message or a garbage collection.',
  rule: 'Name of a rule of detection.',
  severity: 'low, medium or high.',
  use: 'smtp or internal: what a certificate is for.',
  method: 'HTTP method.',
  route: 'Path of an API as it is declared.',
  service: 'Which of the five services.',
  caller: 'Which of the five services calls another one.',
  purpose: 'Purpose of a key: account, index, mail or events.',
  // Of Node.js, by prom-client.
  le: 'Upper bound of a bucket.',
  space: "Of V8's heap.",
  type: 'Of a resource that keeps the event loop alive.',
  version: 'Of Node.js.',
  major: 'Of Node.js.',
  minor: 'Of Node.js.',
  patch: 'Of Node.js.',
};

export const registeredMetricLabels = wordsOf(metricLabels, { basis: 'none needed' });
