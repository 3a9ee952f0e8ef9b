import { exchanges, retiredExchanges } from '@mysmtp/contracts';
import type { ManagementApi } from './management.ts';

/**
 * Declares the exchanges in this virtual host, which no service may declare, and removes those of earlier
 * releases.
 */
export async function declareExchanges(management: ManagementApi, vhost: string): Promise<void> {
  const at = `exchanges/${encodeURIComponent(vhost)}`;
  const exchange = { type: 'topic', durable: true, auto_delete: false, internal: false };
  for (const name of exchanges)
    await management.put(`${at}/${name}`, { ...exchange, arguments: {} });
  for (const name of retiredExchanges) await management.remove(`${at}/${name}`);
}
