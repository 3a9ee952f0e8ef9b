import type { ServiceName } from '@mysmtp/contracts';
import { type Logger, createLogger, type LogLevel } from '@mysmtp/log';
import { Registry } from 'prom-client';
import { type Clock, systemClock } from './clock.ts';

/** The interface of the skeleton for a service that opens its resources. */
export interface ServiceContext<C> {
  readonly name: ServiceName;
  readonly config: C;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Registry;
  /** Registers a resource and returns it. Resources are closed in reverse order of opening. */
  manage<T>(resource: T, close: (resource: T) => void | Promise<void>): T;
  /** A condition of readiness, evaluated at every `/readyz`. `name` appears in its answer. */
  readyWhen(name: string, check: () => boolean | Promise<boolean>): void;
  /** Aborted by SIGTERM. */
  readonly stopping: AbortSignal;
}

/**
 * A context for a program of a service that does one task and ends; it has no readiness. It logs to standard
 * error, because standard output is for its result.
 */
export function openCommandContext<C extends { readonly logLevel: LogLevel }>(
  name: ServiceName,
  config: C,
  resources: AsyncDisposableStack,
): ServiceContext<C> {
  return {
    name,
    config,
    log: createLogger(name, config.logLevel, {
      write: (line) => void process.stderr.write(line),
    }),
    clock: systemClock,
    metrics: new Registry(),
    manage: (resource, close) => resources.adopt(resource, async (owned) => close(owned)),
    readyWhen: () => undefined,
    stopping: new AbortController().signal,
  };
}
