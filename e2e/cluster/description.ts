import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import type { StackDescription } from '@mysmtp/local-stack';
import type { BackendDescription } from './backends/description.ts';
import { descriptionFile, internalTlsDir, stateDir } from './place.ts';
import { get, namespace, release } from './tools.ts';
import { firstTenant } from './values.ts';

/**
 * cluster.json: the fields of stack.json that exist in a cluster. `api` is reachable from its nodes; the
 * certificate of each service is for RELEASE-SERVICE, by the authority of `apiCaFile`.
 */
export interface ClusterDescription extends Pick<
  StackDescription,
  'version' | 'smtp' | 'credential' | 'tenant' | 'operator' | 'api'
> {
  readonly apiCaFile: string;
  readonly mx: Omit<StackDescription['mx'], 'webUrl'>;
  readonly namespace: string;
  readonly release: string;
  readonly mongodb: { readonly url: string };
  readonly rabbitmq: { readonly url: string; readonly managementUrl: string };
}

interface Service {
  readonly spec: { readonly clusterIP: string };
  readonly status: {
    readonly loadBalancer: {
      readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
    };
  };
}

export async function describeCluster(backends: BackendDescription): Promise<ClusterDescription> {
  const { status } = await get<Service>('service', `${release}-smtp`);
  const [entrance] = status.loadBalancer.ingress ?? [];
  const host = entrance?.ip ?? entrance?.hostname;
  if (host === undefined) throw new Error('The load balancer has no address');
  const made = await firstTenantSecret();
  const apis = await Promise.all(
    serviceNames.map(async (name): Promise<[ServiceName, string]> => {
      const { spec } = await get<Service>('service', `${release}-${name}`);
      return [name, `https://${spec.clusterIP}:8080`];
    }),
  );
  const { mx, mongodbUrl, rabbitmqUrl, managementUrl } = backends;
  return {
    version: 1,
    namespace,
    release,
    smtp: {
      host,
      starttlsPort: 587,
      tlsPort: 465,
      networkPort: null,
      caFile: path.join(stateDir, 'ca.pem'),
    },
    credential: {
      username: made('username'),
      password: made('password'),
      from: `hello@${firstTenant.domain}`,
    },
    tenant: {
      id: made('tenant'),
      domain: firstTenant.domain,
      ownerToken: made('owner-token'),
    },
    operator: { token: made('operator-token') },
    api: Object.fromEntries(apis) as Record<ServiceName, string>,
    apiCaFile: path.join(internalTlsDir, 'ca.pem'),
    mx: { host: mx.host, smtpPort: mx.port, maildir: mx.maildir },
    mongodb: { url: mongodbUrl },
    rabbitmq: { url: rabbitmqUrl, managementUrl },
  };
}

async function firstTenantSecret(): Promise<(key: string) => string> {
  const { data } = await get<{ data?: Readonly<Record<string, string>> }>(
    'secret',
    firstTenant.secretName,
  );
  return (key) => {
    const value = data?.[key];
    if (value === undefined) throw new Error(`The Secret of the first tenant has no ${key}`);
    return Buffer.from(value, 'base64').toString();
  };
}

export async function writeDescription(description: ClusterDescription): Promise<void> {
  await writeFile(descriptionFile, `${JSON.stringify(description, undefined, 2)}\n`, {
    mode: 0o600,
  });
}
