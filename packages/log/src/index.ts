import { logFields, type LogField, type ServiceName } from '@mysmtp/contracts';
import { pino, type DestinationStream } from 'pino';

/** What may stand in a log line beside its event: ids of our own making, numbers, codes. */
export type LogFields = Partial<
  Record<
    Exclude<LogField, 'time' | 'level' | 'service' | 'event' | 'process' | 'stack' | 'errorCode'>,
    unknown
  >
>;

export interface Logger {
  /** `event` is a stable name in the form `noun.happened`; alerts and runbooks refer to it. */
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

const allowed: ReadonlySet<string> = new Set(logFields);

/**
 * The only way out of a process for words. One JSON object a line (a CR or LF in a value is
 * escaped by JSON, so no value can forge a line); keys that are not on the allow-list are dropped.
 */
export function createLogger(
  service: ServiceName,
  level: LogLevel = 'info',
  destination?: DestinationStream,
): Logger {
  const options = {
    level,
    base: { service, process: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const out = destination === undefined ? pino(options) : pino(options, destination);
  const write = (at: LogLevel) => (event: string, fields?: LogFields) => {
    if (!out.isLevelEnabled(at)) return;
    out[at]({ event, ...(fields === undefined ? undefined : permitted(fields)) });
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

function permitted(fields: LogFields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (!allowed.has(key) || value === undefined) continue;
    if (value instanceof Error) Object.assign(kept, describe(key, value));
    else kept[key] = value;
  }
  return kept;
}

/**
 * An error's own message can quote what a customer or a remote server wrote, so it stays inside:
 * its class, its code and the places in our code are what the reader needs.
 */
function describe(key: string, error: Error): Record<string, unknown> {
  const places = (error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 8)
    .map((line) => line.trim());
  return {
    [key]: error.name,
    ...('code' in error && typeof error.code === 'string' ? { errorCode: error.code } : undefined),
    stack: places,
  };
}
