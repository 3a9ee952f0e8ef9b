import {
  brokerPermissions,
  brokerTopicPermissions,
  serviceNames,
  type ServiceName,
  exchanges,
  retiredExchanges,
  brokerPoliciesFor,
} from '@mysmtp/contracts';
import type { ManagementApi } from './management.ts';

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

/** Limits of our queues (dead letters, delivery counts, lengths, time to handle), in this virtual host. */
export async function putPolicies(management: ManagementApi, vhost: string): Promise<void> {
  const { rabbitmq_version: version } = await management.overview();
  for (const { name, pattern, priority, definition } of brokerPoliciesFor(version)) {
    const policy = { pattern, priority, definition, 'apply-to': 'queues' };
    await management.put(`policies/${encodeURIComponent(vhost)}/${name}`, policy);
  }
}

/** The one virtual host that all of them name (AMQP URI: the whole path after the first slash). */
function vhostOf(urls: Readonly<Record<ServiceName, string>>): string {
  const names = new Set(Object.values(urls).map((url) => new URL(url).pathname.slice(1)));
  const [name, ...others] = names;
  if (others.length > 0) throw new Error('The services name different virtual hosts');
  return decodeURIComponent(name ?? '') || '/';
}
