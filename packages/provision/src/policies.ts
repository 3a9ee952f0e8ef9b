import { brokerPoliciesFor } from '@mysmtp/contracts';
import type { ManagementApi } from './management.ts';

/** Limits of our queues (dead letters, delivery counts, lengths, time to handle), in this virtual host. */
export async function putPolicies(management: ManagementApi, vhost: string): Promise<void> {
  const { rabbitmq_version: version } = await management.overview();
  for (const { name, pattern, priority, definition } of brokerPoliciesFor(version)) {
    const policy = { pattern, priority, definition, 'apply-to': 'queues' };
    await management.put(`policies/${encodeURIComponent(vhost)}/${name}`, policy);
  }
}
