import type { ServiceName } from '../services.ts';
import type { SubjectKind } from '../subject.ts';

/** The part of a registry that defines who must answer; versions from 2 on have it. */
export interface Answering {
  readonly collections: readonly {
    readonly id: string;
    readonly service: ServiceName;
    readonly subject: { readonly erased: 'purge' | 'shred' } | null;
  }[];
  readonly queues: readonly {
    readonly id: string;
    readonly service: ServiceName;
    readonly marker: boolean;
  }[];
}

/**
 * The stores that must give a receipt before an erasure is complete, with the service that signs it. What is
 * erased with the keys of a tenant has no part in the erasure of a person: the keys stay.
 */
export function answeringStores(registry: Answering, kind: SubjectKind): Map<string, ServiceName> {
  return new Map([
    ...registry.collections
      .filter(
        ({ subject }) => subject !== null && (kind === 'tenant' || subject.erased === 'purge'),
      )
      .map(({ id, service }) => [id, service] as const),
    ...registry.queues
      .filter(({ marker }) => marker)
      .map(({ id, service }) => [id, service] as const),
  ]);
}
