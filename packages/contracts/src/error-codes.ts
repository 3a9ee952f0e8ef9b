/**
 * Our own errors that an operator may have to act on: code → meaning and action. The logger writes the
 * code as `errorCode`; docs/monitoring.md contains the list.
 */
export const errorCodes = {
  broker_away: 'RabbitMQ is unreachable. The service retries; see MysmtpNotReady if it continues.',
  broker_closed:
    'RabbitMQ closed the connection or channel. The service reconnects; the log of RabbitMQ has the reason.',
  broker_silent:
    'RabbitMQ did not answer in time. The service reconnects; check the load of RabbitMQ.',
  publish_nacked:
    'RabbitMQ refused a message. A queue is full, or a majority of its nodes is missing.',
  publish_returned:
    'RabbitMQ has no queue for a message. Run the Job that sets up the broker (`set-up-broker`).',
  publish_unavailable:
    'RabbitMQ is unreachable, or blocks publishers because it lacks memory or disk. Nothing was sent.',
  publish_unknown:
    'The connection broke before RabbitMQ confirmed a message. The message may be in the queue or not; it is sent again.',
  call_failed:
    'Another service answered with 5xx. `peerService` names it; its own log has the reason.',
  call_refused:
    'Another service answered with 4xx: it refuses the caller or the call. Compare the service accounts or keys, and the releases.',
  call_unanswered:
    'Another service did not answer in time, or TLS failed. See `cause` and MysmtpServiceDown.',
  callback_refused:
    'The server of a customer did not answer a callback with 2xx. It is called again for a day; nothing is to be done.',
  reply_undeclared:
    'An API sent a reply that its definition does not declare. The client gets 500. This is a fault in the program: report it.',
  canary_not_taken:
    'An erasure could not plant its canary mail. It is retried; check which other mail ingress refuses.',
  certificate_incomplete:
    'A store has given no receipt, so there is no certificate. The erasure continues; see MysmtpErasureStuck.',
  purge_incomplete:
    'After a purge its store still has records of the tenant. The purge is repeated; see MysmtpErasureStuck if it continues.',
  purges_not_registered:
    'The purges of a service do not match the registry. The release is faulty; roll back to the previous one.',
  receipt_not_proven:
    'A service answered an erasure with an invalid receipt. See MysmtpForgedMessage.',
  export_key_missing:
    'The key of the data that a person asked for is not in the vault. The request is repeated; check the volume of the vault.',
  tombstones_not_published:
    'During an erasure, identity could not publish a deletion to the other services. The purge is repeated; check RabbitMQ.',
  database_right_missing:
    'The user of the database has no right to `collMod`. Grant it as docs/kubernetes.md says.',
  database_time_missing:
    'MongoDB answered `hello` without `localTime`. Privacy compares its clock with that time before it destroys a key, so it destroys none. Check the version of MongoDB.',
  write_not_done:
    'The process stopped before a write to the database. If the message was delivered already, it is delivered again.',
  dkim_key_of_other_tenant:
    'The DKIM key of a domain belongs to another tenant. It is not used. Report it.',
  domain_unknown:
    'Delivery has no data about the signing domain of a message. The message waits; see MysmtpProjectionIncomplete.',
  signing_unavailable:
    'A message cannot be signed now and waits. The log line before has the reason.',
  message_unreadable:
    'A stored message does not open with its key. The message is held for an operator; see MysmtpMailHeld.',
  message_of_newer_release:
    'This kind of message requires a newer release. Finish or roll back the upgrade.',
  spool_away: 'Ingress does not return spooled content. The message waits; see MysmtpServiceDown.',
  spool_gone:
    'The spooled content of a message no longer exists in ingress, so the message cannot be delivered.',
  day_in_doubt:
    'The clock may be wrong, so the keys of a day are not treated as destroyed. See MysmtpClockDoubted.',
  epoch_over:
    'An epoch ended while it was in use. The operation is retried; check the job `rotate-roots` if it continues.',
  keys_malformed:
    'The number of keys in an answer of privacy is wrong. Compare the releases of the services.',
  keys_not_proven:
    'An answer with keys is not signed by privacy, or belongs to another request. See MysmtpForgedMessage.',
  root_lost:
    'The vault does not have a root that was just made. Check the volume of the vault (docs/kubernetes.md).',
  root_wrong:
    'A root in the vault does not match the database: a backup of one of the two was restored. See MysmtpKeysUnavailable.',
  tenant_busy: 'Concurrent changes prevented the activation of a new tenant. Repeat the request.',
  tenant_key_lost:
    'The key of a tenant is wrapped under a destroyed root. No data of the tenant can be opened. Report it.',
  internal_fault:
    'A fault in the program. Report it with the log line; see `stack` for the location.',
} as const satisfies Readonly<Record<string, string>>;

export type ErrorCode = keyof typeof errorCodes;

/**
 * An error with a code for operators. Its message is not logged, because it may name a store or quote an
 * answer.
 */
export class CodedError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CodedError';
    this.code = code;
  }
}
