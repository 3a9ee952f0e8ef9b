import {
  brokerPermissions,
  brokerTopicPermissions,
  serviceNames,
  type ServiceName,
} from '@mysmtp/contracts';
import type { ManagementApi } from './management.ts';
import { declareExchanges } from './exchanges.ts';
import { putPolicies } from './policies.ts';

/**
 * Creates the objects that these AMQP URLs of the services name: the virtual host, for each service a user
 * with its password and only the permissions that contracts names, the exchanges and the policies.
 * Idempotent.
 */
export async function setUpBroker(
  management: ManagementApi,
  urls: Readonly<Record<ServiceName, string>>,
): Promise<void> {
  const vhost = encodeURIComponent(vhostOf(urls));
  await management.put(`vhosts/${vhost}`);
  for (const service of serviceNames) {
    const { username, password } = new URL(urls[service]);
    await management.put(`users/${username}`, { password: decodeURIComponent(password), tags: '' });
    await management.put(`permissions/${vhost}/${username}`, brokerPermissions[service]);
    for (const permissions of brokerTopicPermissions[service]) {
      await management.put(`topic-permissions/${vhost}/${username}`, permissions);
    }
  }
  await declareExchanges(management, vhostOf(urls));
  await putPolicies(management, vhostOf(urls));
}

/** The one virtual host that all of them name (AMQP URI: the whole path after the first slash). */
function vhostOf(urls: Readonly<Record<ServiceName, string>>): string {
  const names = new Set(Object.values(urls).map((url) => new URL(url).pathname.slice(1)));
  const [name, ...others] = names;
  if (others.length > 0) throw new Error('The services name different virtual hosts');
  return decodeURIComponent(name ?? '') || '/';
}
