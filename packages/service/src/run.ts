import { setFlagsFromString } from 'node:v8';
import type { ServiceName } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { systemClock } from './clock.ts';
import type { commonSettings } from './common-settings.ts';
import type { ServiceContext } from './service-context.ts';
import { openOperationsPort, type Check } from './operations.ts';
import { ConfigError, readConfig, redacted, type Config, type Settings } from './settings.ts';

/** The exit codes of a service (sysexits.h). */
export const exitCodes = {
  ok: 0,
  /** Unexpected: a bug, or a resource that could not be opened at start. */
  failed: 70,
  /** Stopped, but the deadline was exceeded before all work was finished. */
  unfinished: 75,
  /** Bad configuration; the log names the setting. */
  config: 78,
} as const;

/**
 * How often the lag of the event loop is measured. Milliseconds. Each sample wakes the process: with the default
 * of 10 that alone is a quarter percent of a core. An idle process shows this time. The alert is about half a second.
 */
const lagSampling = 200;

export interface ServiceDefinition<S extends Settings & typeof commonSettings> {
  readonly name: ServiceName;
  readonly settings: S;
  /** Opens everything in order, listeners last, and passes each resource to `context.manage`. */
  readonly open: (context: ServiceContext<Config<S>>) => Promise<void>;
}

/**
 * The lifecycle of every service: read configuration, open resources in order, serve, and on SIGTERM or
 * SIGINT stop intake, finish, release in reverse order under a deadline, exit.
 */
export async function runService<S extends Settings & typeof commonSettings>(
  service: ServiceDefinition<S>,
): Promise<void> {
  // Parts of messages and connections often live long enough for V8 to allocate further ones among the old objects.
  // There each keeps all that it refers to until the next major collection of garbage (docs/performance.md).
  setFlagsFromString('--no-allocation-site-pretenuring');
  const config = configOrExit(service);
  const common: Config<typeof commonSettings> = config;
  const log = createLogger(service.name, common.logLevel);
  log.info('service.starting', { settings: redacted(service.settings, config) });

  process.on('uncaughtException', (error) => {
    log.error('service.crashed', { error, reason: error.message === '' ? 'none' : error.name });
    process.exit(exitCodes.failed);
  });

  const metrics = new Registry();
  metrics.setDefaultLabels({ service: service.name });
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: lagSampling });
  const checks = new Map<string, Check>();
  const resources = new AsyncDisposableStack();
  const stopping = new AbortController();
  let opened = false;
  checks.set('started', () => opened && !stopping.signal.aborted);

  const context: ServiceContext<Config<S>> = {
    name: service.name,
    config,
    log,
    clock: systemClock,
    metrics,
    manage: (resource, close) => resources.adopt(resource, async (owned) => close(owned)),
    readyWhen: (name, check) => void checks.set(name, check),
    stopping: stopping.signal,
  };

  const stop = async (signal: string): Promise<void> => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    log.info('service.stopping', { signal });
    const deadline = setTimeout(() => {
      log.error('service.stop_deadline_passed', { exitCode: exitCodes.unfinished });
      process.exit(exitCodes.unfinished);
    }, common.stopDeadline);
    let exitCode: number = exitCodes.ok;
    try {
      await resources.disposeAsync();
    } catch (error) {
      log.error('service.stop_failed', { error });
      exitCode = exitCodes.failed;
    }
    clearTimeout(deadline);
    log.info('service.stopped', { exitCode });
    process.exit(exitCode);
  };
  process.once('SIGTERM', (signal) => void stop(signal));
  process.once('SIGINT', (signal) => void stop(signal));

  try {
    // Opened first, closed last, so that probes see readiness fail while work is finished.
    context.manage(
      await openOperationsPort({
        address: common.bindAddress,
        port: common.operationsPort,
        metrics,
        checks,
      }),
      (port) => port.close(),
    );
    await service.open(context);
  } catch (error) {
    if (stopping.signal.aborted) return;
    if (error instanceof ConfigError) exitForConfig(service.name, error);
    log.error('service.start_failed', { error });
    process.exit(exitCodes.failed);
  }
  opened = true;
  log.info('service.started');
}

/** Invalid configuration ends the process. The log names every invalid setting. */
export function configOrExit<S extends Settings>(service: {
  name: ServiceName;
  settings: S;
}): Config<S> {
  try {
    return readConfig(service.settings, process.env);
  } catch (error) {
    if (error instanceof ConfigError) exitForConfig(service.name, error);
    throw error;
  }
}

function exitForConfig(name: ServiceName, error: ConfigError): never {
  const log = createLogger(name);
  for (const { setting, reason } of error.problems) {
    log.error('config.invalid', { setting, reason, exitCode: exitCodes.config });
  }
  process.exit(exitCodes.config);
}
