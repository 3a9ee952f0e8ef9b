import type { LogField, ServiceName } from '@mysmtp/contracts';
import { pino, type DestinationStream } from 'pino';
import { permitted } from './permitted.ts';

/** What may stand in a log line beside its event: ids of our own making, numbers, codes. */
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
 * The only way out of a process for words. One JSON object a line (a CR or LF in a value is
 * escaped by JSON, so no value can forge a line); of its fields only what is permitted comes out.
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
