/**
 * Every key that a log line may have. The logger drops all others, so a field that is not named
 * here cannot leave a process. None of them may ever hold an address, a domain or site name, an
 * IP address, a subject or text that a customer or a remote server wrote.
 */
export const logFields = [
  // Who speaks and what happened.
  'time',
  'level',
  'service',
  'event',
  'process',
  // What it is about: ids that we make ourselves.
  'message',
  'tenant',
  'credential',
  'domain',
  'token',
  'key',
  'queue',
  'exchange',
  'routingKey',
  'job',
  'route',
  'method',
  'listener',
  'signal',
  'setting',
  'settings',
  'check',
  'peerService',
  'collection',
  'day',
  'root',
  'claim',
  'erasure',
  'store',
  // How it went.
  'status',
  'code',
  'enhancedCode',
  'reason',
  'error',
  'errorCode',
  'stack',
  'count',
  'attempt',
  'bytes',
  'recipients',
  'milliseconds',
  'version',
  'port',
  'exitCode',
] as const;

export type LogField = (typeof logFields)[number];
