import type { ServiceName } from '@mysmtp/contracts';
import { createLogger, type LogLevel } from '@mysmtp/log';
import { Registry } from 'prom-client';
import { systemClock } from './clock.ts';
import type { House } from './house.ts';

/**
 * A house for a program of a service that does one thing and ends: nobody asks whether it is ready.
 * It logs to standard error; standard output is for its result.
 */
export function commandHouse<C extends { readonly logLevel: LogLevel }>(
  name: ServiceName,
  config: C,
  resources: AsyncDisposableStack,
): House<C> {
  return {
    name,
    config,
    log: createLogger(name, config.logLevel, {
      write: (line) => void process.stderr.write(line),
    }),
    clock: systemClock,
    metrics: new Registry(),
    own: (resource, close) => resources.adopt(resource, async (owned) => close(owned)),
    readyWhen: () => undefined,
    stopping: new AbortController().signal,
  };
}
