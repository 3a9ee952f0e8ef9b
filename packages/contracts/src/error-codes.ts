/**
 * The errors of our own that an operator may have to act on: code → what it means, and what to do. The
 * logger writes the code as `errorCode`; docs/monitoring.md shows the list.
 */
export const errorCodes = {
  broker_away:
    'RabbitMQ cannot be asked now. It is asked again; see MysmtpNotReady if that goes on.',
  broker_closed:
    'RabbitMQ closed the connection or channel. It is opened again; the log of RabbitMQ has the reason.',
  broker_silent:
    'RabbitMQ did not answer in time. The connection is opened again; look at the load of RabbitMQ.',
  publish_nacked: 'RabbitMQ refused a message. A queue is full or its nodes lack a majority.',
  publish_returned:
    'RabbitMQ has no queue for a message. Run the Job that sets up the broker (`set-up-broker`).',
  publish_unavailable:
    'RabbitMQ is away, or takes nothing because it lacks memory or disk. Nothing was sent.',
  publish_unknown:
    'The connection broke before RabbitMQ confirmed a message. It may be in the queue or not; it is sent again.',
  call_failed:
    'Another service answered with 5xx. `peerService` names it; its own log has the reason.',
  call_refused:
    'Another service answered with 4xx: it does not accept who calls, or not this call. Compare the service accounts or keys, and the releases.',
  call_unanswered:
    'Another service did not answer in time, or TLS failed. `cause` says more; see MysmtpServiceDown.',
  reply_not_defined: 'A reply of the API is not what its definition allows. Report it.',
  canary_not_taken:
    'An erasure could not plant its canary mail. It is tried again; see what else ingress refuses.',
  certificate_incomplete:
    'A store has given no receipt, so there is no certificate. The erasure goes on; see MysmtpErasureStuck.',
  purge_incomplete:
    'A purge has ended and its store still has records of the tenant. It is purged again; see MysmtpErasureStuck if that goes on.',
  purges_not_registered:
    'The purges of a service are not those that the registry names. The release is broken; go back to the one before.',
  receipt_not_proven:
    'A service answered an erasure with a receipt that proves nothing. See MysmtpForgedMessage.',
  tombstones_not_told:
    'Identity could not tell other services that something was removed. The purge is tried again; look at RabbitMQ.',
  database_right_missing:
    'The user of the database has no right to `collMod`. Grant it as docs/kubernetes.md says.',
  database_without_time:
    'The database does not say what time it is, so no key is destroyed. Look at its version and health.',
  write_not_done:
    'The process stopped before the database took a write. The message is delivered again if it was delivered already.',
  dkim_key_of_other_tenant:
    'The DKIM key of a domain belongs to another tenant. Report it: nothing is signed with it.',
  domain_unknown:
    'Delivery does not know the domain that a message is to be signed for. It waits; see MysmtpProjectionIncomplete.',
  signing_unavailable:
    'A message cannot be signed now, and waits. The line before it has the reason.',
  message_unreadable:
    'A stored message does not open with its key. It is held for an operator; see MysmtpMailHeld.',
  message_of_newer_release:
    'Only a newer release knows this kind of message. Finish or undo the upgrade.',
  spool_away:
    'Ingress does not answer for spooled content. The message waits; see MysmtpServiceDown.',
  spool_gone:
    'Ingress does not have the spooled content of a message any more, so it cannot be delivered.',
  day_in_doubt:
    'The clock may be wrong, so nobody says that the keys of a day are over. See MysmtpClockDoubted.',
  epoch_over:
    'An epoch ended while it was asked for. It is tried again; look at the job `rotate-roots` if that goes on.',
  keys_malformed:
    'Privacy answered with another number of keys than it names. Compare the releases of the services.',
  keys_not_proven:
    'An answer with keys is not signed by privacy, or answers another request. See MysmtpForgedMessage.',
  root_lost:
    'The vault does not have a root that was made a moment ago. Look at the volume of the vault (docs/kubernetes.md).',
  root_wrong:
    'The vault does not have a root as the database knows it: a backup of one of them was restored. See MysmtpKeysUnavailable.',
  tenant_busy: 'A new tenant was changed too often at once to be activated. Ask again.',
  tenant_key_lost:
    'The key of a tenant lies under a root that is destroyed. Nothing of the tenant opens any more. Report it.',
  internal_fault: 'A fault of the program. Report it with the line; `stack` says where.',
} as const satisfies Readonly<Record<string, string>>;

export type ErrorCode = keyof typeof errorCodes;

/** An error by which an operator finds what to do. Its message stays inside, for it may name a store or quote an answer. */
export class CodedError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CodedError';
    this.code = code;
  }
}
