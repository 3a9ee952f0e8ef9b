import { byService, type ServiceName } from '@mysmtp/contracts';
import { managementApi, setUpBroker } from '@mysmtp/provision';
import type { ServerPlan } from '../servers/way.ts';
import type { Passwords } from './passwords.ts';

export interface BrokerAccess {
  /** Each service's own user. */
  readonly urls: Readonly<Record<ServiceName, string>>;
  /** For scripts and tests: has all rights in the stack's virtual host. */
  readonly viewerUrl: string;
  readonly viewerManagementUrl: string;
}

/**
 * The stack's virtual host on RabbitMQ: a user for each service with only the permissions that contracts
 * names, and the policies. Idempotent; `fresh` empties it first.
 */
export async function provisionRabbitMq(
  plan: ServerPlan,
  stack: string,
  passwords: Passwords,
  fresh: boolean,
): Promise<BrokerAccess> {
  if (plan.managementUrl === undefined) throw new Error('RabbitMQ’s management URL is missing');
  const management = managementApi(plan.managementUrl);
  const vhost = encodeURIComponent(stack);
  if (fresh) await management.remove(`vhosts/${vhost}`);
  const urlFor = (user: string, password: string) => {
    const url = new URL(plan.adminUrl);
    url.username = user;
    url.password = password;
    url.pathname = `/${vhost}`;
    return url.href;
  };
  const urls = byService((service) => urlFor(`${stack}-${service}`, passwords[service]));
  await setUpBroker(management, urls);
  const viewer = `${stack}-viewer`;
  const everything = { configure: '.*', write: '.*', read: '.*' };
  await management.put(`users/${viewer}`, { password: passwords.viewer, tags: 'administrator' });
  await management.put(`permissions/${vhost}/${viewer}`, everything);
  const viewerManagementUrl = new URL(plan.managementUrl);
  viewerManagementUrl.username = viewer;
  viewerManagementUrl.password = passwords.viewer;
  return {
    urls,
    viewerUrl: urlFor(viewer, passwords.viewer),
    viewerManagementUrl: viewerManagementUrl.href,
  };
}
