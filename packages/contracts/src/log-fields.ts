/** Fields that the logger itself writes: service, event, details of an error. */
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
 * All other fields that a log line may have. The logger drops every field that is not listed here. None
 * of them may ever contain an address, a domain or site name, an IP address or a subject of a customer or
 * of a person they write to. Nor may they contain text from such a person or from a remote server. The
 * operator's own names and addresses are in `settings`.
 */
export const logFields = [
  // Who did it (contracts/actor.ts), and the object: our own ids.
  'actor',
  'object',
  'message',
  'tenant',
  'credential',
  'domain',
  'token',
  'person',
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
  // The result.
  'status',
  'code',
  'enhancedCode',
  'reason',
  'digest',
  'error',
  'limit',
  'percent',
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
