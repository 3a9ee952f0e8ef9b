import type { LogField, ServiceName } from '@mysmtp/contracts';
import { pino, type DestinationStream } from 'pino';
import { permitted } from './permitted.ts';

/** The permitted fields of a log line beside its event: ids that we generate, numbers, codes. */
export type LogFields = Partial<Record<LogField, unknown>>;

export interface Logger {
  /** `event` is a stable name in the form `noun.happened`; alerts and runbooks refer to it. */
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * The only logger. All output goes through its field allow-list. One JSON object a line; JSON escapes CR and
 * LF, so no value can forge a line.
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
