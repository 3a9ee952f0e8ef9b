import type { ServiceName } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Registry } from 'prom-client';
import type { Clock } from './clock.ts';

/** What the skeleton gives a service while it opens its resources. */
export interface House<C> {
  readonly name: ServiceName;
  readonly config: C;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Registry;
  /** Keeps a resource; it is closed in reverse order of opening. Returns it. */
  own<T>(resource: T, close: (resource: T) => void | Promise<void>): T;
  /** A condition of readiness, asked at every `/readyz`. `name` appears in its answer. */
  readyWhen(name: string, check: () => boolean | Promise<boolean>): void;
  /** Aborted by SIGTERM. */
  readonly stopping: AbortSignal;
}
