import { brokerPolicies } from '@mysmtp/contracts';
import type { ManagementApi } from './management.ts';

/** Limits of our queues (dead letters, delivery counts, lengths), in this virtual host. */
export async function putPolicies(management: ManagementApi, vhost: string): Promise<void> {
  for (const { name, pattern, priority, definition } of brokerPolicies) {
    const policy = { pattern, priority, definition, 'apply-to': 'queues' };
    await management.put(`policies/${encodeURIComponent(vhost)}/${name}`, policy);
  }
}
