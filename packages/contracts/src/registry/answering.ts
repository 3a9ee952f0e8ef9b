import type { ServiceName } from '../services.ts';

/** The part of a registry that defines who must answer; versions from 2 on have it. */
export interface Answering {
  readonly collections: readonly {
    readonly id: string;
    readonly service: ServiceName;
    readonly subject: unknown;
  }[];
  readonly queues: readonly {
    readonly id: string;
    readonly service: ServiceName;
    readonly marker: boolean;
  }[];
}

/** The stores that must give a receipt before an erasure is complete, with the service that signs it. */
export function answeringStores(registry: Answering): Map<string, ServiceName> {
  return new Map([
    ...registry.collections
      .filter(({ subject }) => subject !== null)
      .map(({ id, service }) => [id, service] as const),
    ...registry.queues
      .filter(({ marker }) => marker)
      .map(({ id, service }) => [id, service] as const),
  ]);
}
