import type { ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Registry } from 'prom-client';
import type { Clock } from './clock.ts';

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
