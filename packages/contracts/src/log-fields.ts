/** What the logger itself writes into a line: who speaks, what happened, more of an error. */
export const loggerFields = [
  'time',
  'level',
  'service',
  'event',
  'process',
  'errorCode',
  'cause',
  'stack',
] as const;

/**
 * Every other key that a log line may have. The logger drops all others, so a field that is not named
 * here cannot leave a process. None of them may ever hold an address, a domain or site name, an IP
 * address or a subject of a customer or of anybody they write to, or text that these or a remote
 * server wrote. The operator's own names and addresses stand in `settings`.
 */
export const logFields = [
  // Who did it (contracts/actor.ts), and what it is about: ids that we make ourselves.
  'actor',
  'object',
  'message',
  'tenant',
  'credential',
  'domain',
  'token',
  'key',
  'queue',
  'routingKey',
  'job',
  'route',
  'method',
  'listener',
  'signal',
  'setting',
  'settings',
  'peerService',
  'day',
  'root',
  'erasure',
  'store',
  // How it went.
  'status',
  'code',
  'enhancedCode',
  'reason',
  'error',
  'count',
  'attempt',
  'bytes',
  'recipients',
  'milliseconds',
  'port',
  'exitCode',
] as const;

export type LogField = (typeof logFields)[number];
export type LoggerField = (typeof loggerFields)[number];
