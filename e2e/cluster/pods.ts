import type { ServiceName } from '@mysmtp/contracts';
import { get, kubectl, release } from './tools.ts';

export interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
}

/** The pods of a service that are not terminating. */
export async function podsOf(service: ServiceName): Promise<readonly Pod[]> {
  const { items } = await get<{ items: readonly Pod[] }>(
    'pods',
    '--selector',
    `app.kubernetes.io/instance=${release},app.kubernetes.io/component=${service}`,
  );
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

export async function whenReady(service: ServiceName): Promise<void> {
  const name = `deployment/${release}-${service}`;
  await kubectl(['rollout', 'status', name, '--timeout', '5m']);
}

/** Deleted at once, as with its node: no signal, no grace period. */
export async function deleteAtOnce(pod: Pod): Promise<void> {
  await kubectl(['delete', 'pod', pod.metadata.name, '--grace-period', '0', '--force']);
}
