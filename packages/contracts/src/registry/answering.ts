import type { ServiceName } from '../services.ts';
import type { Registry } from './shape.ts';

/** The stores that must give a receipt before an erasure is complete, with the service that signs it. */
export function answeringStores(registry: Registry): Map<string, ServiceName> {
  return new Map([
    ...registry.collections
      .filter(({ subject }) => subject !== null)
      .map(({ id, service }) => [id, service] as const),
    ...registry.queues
      .filter(({ marker }) => marker)
      .map(({ id, service }) => [id, service] as const),
  ]);
}
