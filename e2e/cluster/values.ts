import { serviceNames } from '@mysmtp/contracts';
import type { BackendDescription } from './backends/description.ts';
import { imageTag, imageWay } from './images.ts';

export const firstTenant = {
  enabled: true,
  name: 'Demo',
  owner: 'owner@demo.example',
  domain: 'demo.example',
  secretName: 'first-tenant',
} as const;

/** The values of the release for these back ends. */
export function valuesFor(
  backends: BackendDescription,
  smarthost: string,
  vaultNode: string,
  apiServer: readonly string[],
): Readonly<Record<string, unknown>> {
  const { registry } = imageWay();
  const reach = (url: string) => {
    const { hostname, port } = new URL(url);
    return { ports: [Number(port)], to: [peer(hostname.replaceAll(/[[\]]/g, ''))] };
  };
  // Many pods on few cores, so the production requests are reduced.
  const small = { resources: { requests: { cpu: '20m' } } };
  const services: Record<string, Record<string, unknown>> = Object.fromEntries(
    serviceNames.map((name) => [name, { ...small }]),
  );
  services['delivery'] = { ...small, settings: { SMARTHOST: smarthost } };
  // A volume that is a folder of one node.
  services['privacy'] = {
    ...small,
    pod: { nodeSelector: { 'kubernetes.io/hostname': vaultNode } },
  };
  return {
    smtpName: 'smtp.demo.example',
    ehloName: 'out.demo.example',
    returnPathDomain: 'bounces.demo.example',
    mongodb: { existingSecret: 'back-end-mongodb' },
    rabbitmq: {
      existingSecret: 'back-end-rabbitmq',
      admin: { existingSecret: 'back-end-rabbitmq-admin' },
    },
    // Processes of this machine, which have no certificate.
    backEndsWithoutTls: true,
    tls: { existingSecret: 'tls' },
    internalTls: { existingSecret: 'internal-tls' },
    serviceKeys: { existingSecret: 'service-keys' },
    certificateKeys: { existingSecret: 'certificate-keys' },
    operator: { existingConfigMap: 'operator' },
    vault: { existingClaim: 'vault' },
    image: { tag: imageTag, ...(registry === undefined ? {} : { registry }) },
    firstTenant,
    services,
    networkPolicy: {
      mongodb: reach(backends.mongodbUrl),
      rabbitmq: reach(backends.rabbitmqUrl),
      rabbitmqManagement: reach(backends.managementUrl),
      apiServer: { to: apiServer.map(peer) },
    },
  };
}

const peer = (address: string) => ({
  ipBlock: { cidr: `${address}/${address.includes(':') ? '128' : '32'}` },
});
