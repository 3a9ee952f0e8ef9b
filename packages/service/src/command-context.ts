import type { ServiceName } from '@mysmtp/contracts';
import { createLogger, type LogLevel } from '@mysmtp/log';
import { Registry } from 'prom-client';
import { systemClock } from './clock.ts';
import type { ServiceContext } from './service-context.ts';

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
