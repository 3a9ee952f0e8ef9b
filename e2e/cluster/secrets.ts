import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { serviceNames } from '@mysmtp/contracts';
import {
  certificateKeys,
  internalCertificates,
  localCertificates,
  passwords,
  provisionMongoDb,
  serviceKeys,
} from '@mysmtp/local-stack';
import { repositoryRoot } from '@mysmtp/tooling';
import type { BackendDescription } from './backends/description.ts';
import { internalTlsDir, stateDir } from './place.ts';
import { apply, namespace, release, secret } from './tools.ts';

/** The objects that must exist in the namespace before the chart: see docs/kubernetes.md. */
export async function makeSecrets(backends: BackendDescription): Promise<void> {
  const { mongodbUrl, rabbitmqUrl, managementUrl } = backends;
  const secrets = await passwords(path.join(stateDir, 'services.secret.json'));
  const plan = { product: '', programs: [], adminUrl: mongodbUrl, dataDir: null };
  const { urls, verifierUrls } = await provisionMongoDb(plan, 'mysmtp-cluster', secrets, false);
  const brokerUrl = (user: keyof typeof secrets): string => {
    const url = new URL(rabbitmqUrl);
    url.username = `mysmtp-cluster-${user}`;
    url.password = secrets[user];
    url.pathname = '/mysmtp-cluster';
    return url.href;
  };
  const certificates = await localCertificates(stateDir);
  const text = (file: string) => readFile(file, 'utf8');
  await apply(
    secret('back-end-mongodb', {
      ...Object.fromEntries(serviceNames.map((name) => [`${name}-url`, urls[name]])),
      ...Object.fromEntries(
        serviceNames.map((name) => [`verifier-${name}-url`, verifierUrls[name]]),
      ),
    }),
    secret(
      'back-end-rabbitmq',
      Object.fromEntries(serviceNames.map((name) => [`${name}-url`, brokerUrl(name)])),
    ),
    secret('back-end-rabbitmq-admin', { 'management-url': managementUrl }),
    secret(
      'tls',
      {
        'tls.crt': await text(certificates.certFile),
        'tls.key': await text(certificates.keyFile),
      },
      'kubernetes.io/tls',
    ),
    secret('internal-tls', await internalTlsFiles()),
    secret('service-keys', await serviceKeyFiles()),
    secret('certificate-keys', {
      'certificate.private.jwks.json': await text(
        await certificateKeys(path.join(stateDir, 'certificate-keys')),
      ),
    }),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'operator', namespace },
      data: {
        'operator.json': await text(path.join(repositoryRoot, 'docs', 'operator.example.json')),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'vault', namespace },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '16Mi' } },
      },
    },
  );
}

async function internalTlsFiles(): Promise<Record<string, string>> {
  await internalCertificates(internalTlsDir, (name) => `${release}-${name}`);
  return filesIn(internalTlsDir);
}

async function serviceKeyFiles(): Promise<Record<string, string>> {
  const dir = path.join(stateDir, 'service-keys');
  await serviceKeys(dir);
  return filesIn(dir);
}

async function filesIn(dir: string): Promise<Record<string, string>> {
  const files = await readdir(dir);
  return Object.fromEntries(
    await Promise.all(
      files.map(async (name) => [name, await readFile(path.join(dir, name), 'utf8')] as const),
    ),
  );
}
