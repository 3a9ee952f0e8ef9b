import { rm } from 'node:fs/promises';
import { chartDir } from '@mysmtp/chart';
import type { BackendDescription } from './backends/description.ts';
import { startBackends, stopBackends } from './backends/start.ts';
import { apiServerAddresses, hostAddress } from './host-address.ts';
import { bringImages } from './images.ts';
import { descriptionFile, stateDir } from './place.ts';
import type { ClusterOptions } from './options.ts';
import { makeSecrets } from './secrets.ts';
import { apply, get, helm, kubectl, namespace, progress, release } from './tools.ts';
import { valuesFor } from './values.ts';

/** A release of the chart in its own namespace, and its back ends outside the cluster. */
export interface Installation {
  readonly backends: BackendDescription;
  /** The node of privacy's volume, which must not be drained. */
  readonly vaultNode: string;
  /** Upgrades with these values in addition to those of the installation, and waits until all is ready. */
  upgrade(values: Readonly<Record<string, unknown>>): Promise<void>;
  /** Rolls back to the previous revision. */
  rollback(): Promise<void>;
}

/** The longest delivery, and the start of the next pod. */
const patience = '10m';
const waiting = ['--wait', '--timeout', patience];

export async function install({ smarthost, sameImages }: ClusterOptions): Promise<Installation> {
  await removeAll();
  await apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      // Pods that do not satisfy restricted are refused.
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    },
  });
  const address = await hostAddress();
  progress(`Starting RabbitMQ, MongoDB and an MX on this machine, for pods at ${address}`);
  const [backends] = await Promise.all([
    startBackends(address),
    sameImages ? undefined : bringImages(),
  ]);
  await makeSecrets(backends);
  const mx = `${backends.mx.host}:${String(backends.mx.port)}`;
  const vaultNode = await firstNode();
  const values = valuesFor(backends, smarthost ?? mx, vaultNode, await apiServerAddresses());
  const stdin = (more: object) => ({ input: JSON.stringify({ ...values, ...more }), show: true });
  progress('Installing the chart');
  await helm(['install', release, chartDir, '--values', '-', ...waiting], stdin({})).catch(
    async (error: unknown) => {
      process.stderr.write(await kubectl(['get', 'pods,jobs,events', '--output', 'wide']));
      throw error;
    },
  );
  progress('Installed');
  return {
    backends,
    vaultNode,
    async upgrade(more) {
      await helm(['upgrade', release, chartDir, '--values', '-', ...waiting], stdin(more));
    },
    async rollback() {
      await helm(['rollback', release, ...waiting], { show: true });
    },
  };
}

/** The node behind the load balancer if there is only one, and in any case a schedulable one. */
async function firstNode(): Promise<string> {
  interface Node {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly taints?: readonly { readonly effect: string }[] };
  }
  const { items } = await get<{ items: readonly Node[] }>('nodes');
  const free = items.filter(
    ({ spec }) => !spec.taints?.some(({ effect }) => effect !== 'PreferNoSchedule'),
  );
  const [first] = free.map(({ metadata }) => metadata.name).toSorted();
  if (first === undefined) throw new Error('No node takes pods');
  return first;
}

/**
 * Removes the release, its namespace, the back ends and their data, if they exist; images stay for the next
 * run.
 */
export async function removeAll(): Promise<void> {
  progress('Removing the installation');
  await helm(['uninstall', release, '--ignore-not-found', ...waiting]);
  await kubectl([
    'delete',
    'namespace',
    namespace,
    '--ignore-not-found',
    '--wait',
    '--timeout',
    patience,
  ]);
  await stopBackends();
  await rm(descriptionFile, { force: true });
  await rm(stateDir, { recursive: true, force: true });
}
