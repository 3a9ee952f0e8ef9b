import path from 'node:path';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { helm, render, valuesFile } from './support/helm.ts';
import { find, ofKind, podOf, type Manifest } from './support/manifests.ts';

const minimal = await render();

/** The TLS settings of a service's pod for its public API, and the Secret of the certificate. */
function publicApi(manifests: readonly Manifest[], service: ServiceName) {
  const pod = podOf(manifests, service);
  const [container] = pod.containers;
  const variable = (name: string) => container?.env.find((entry) => entry.name === name)?.value;
  const certFile = variable('API_TLS_CERT_FILE');
  const mount = container?.volumeMounts?.find(
    ({ mountPath }) => certFile === `${mountPath}/tls.crt`,
  );
  const { ports } = find(manifests, 'Service', `mysmtp-${service}`).spec as {
    ports: readonly { readonly name: string; readonly appProtocol?: string }[];
  };
  return {
    certFile,
    keyFile: variable('API_TLS_KEY_FILE'),
    withoutTls: variable('API_WITHOUT_TLS'),
    secret: pod.volumes?.find(({ name }) => name === mount?.name)?.secret,
    protocol: ports.find(({ name }) => name === 'api')?.appProtocol,
  };
}

test.each(serviceNames)('%s: the public API has the certificate of the internal one', (service) => {
  const { secret, ...said } = publicApi(minimal, service);
  expect(said).toEqual({
    certFile: '/etc/mysmtp/internal-tls/tls.crt',
    keyFile: '/etc/mysmtp/internal-tls/tls.key',
    withoutTls: undefined,
    protocol: 'https',
  });
  expect(secret?.secretName).toBe('mysmtp-internal-tls');
});

test.each(serviceNames)('%s: the public API may have a certificate of its own', async (service) => {
  const manifests = await render({ set: ['apiTls.existingSecret=mysmtp-api-tls'] });
  expect(publicApi(manifests, service)).toMatchObject({
    certFile: '/etc/mysmtp/api-tls/tls.crt',
    keyFile: '/etc/mysmtp/api-tls/tls.key',
    withoutTls: undefined,
    protocol: 'https',
    secret: {
      secretName: 'mysmtp-api-tls',
      items: [
        { key: `${service}.pem`, path: 'tls.crt' },
        { key: `${service}.key.pem`, path: 'tls.key' },
      ],
    },
  });
});

test('cert-manager creates them with the issuer of the values, for the names of the Services', async () => {
  const certManager = 'apiTls.certManager';
  const manifests = await render({
    set: [
      `${certManager}.enabled=true`,
      `${certManager}.issuer.name=gateway`,
      `${certManager}.issuer.kind=ClusterIssuer`,
    ],
  });
  for (const service of serviceNames) {
    const host = `mysmtp-${service}`;
    const { spec } = find(manifests, 'Certificate', `${host}-api`);
    expect(spec).toMatchObject({
      secretName: `${host}-api-tls`,
      dnsNames: [host, `${host}.mail`, `${host}.mail.svc`],
      issuerRef: { kind: 'ClusterIssuer', name: 'gateway' },
    });
    expect(publicApi(manifests, service).secret).toMatchObject({
      secretName: `${host}-api-tls`,
      items: [
        { key: 'tls.crt', path: 'tls.crt' },
        { key: 'tls.key', path: 'tls.key' },
      ],
    });
  }
});

test('plain HTTP is used only if values say so, and then without a certificate', async () => {
  const manifests = await render({ example: 'production', set: ['apiWithoutTls=true'] });
  for (const service of serviceNames) {
    expect(publicApi(manifests, service)).toEqual({
      certFile: undefined,
      keyFile: undefined,
      withoutTls: 'true',
      secret: undefined,
      protocol: 'http',
    });
  }
});

test('Prometheus reads metrics on their own port as before, without TLS', async () => {
  const apis = ['monitoring.coreos.com/v1/ServiceMonitor'];
  const monitors = ofKind(await render({ apis }), 'ServiceMonitor');
  const endpoints = monitors.flatMap(({ spec }) => (spec as { endpoints: object[] }).endpoints);
  expect(endpoints).toMatchObject([{ port: 'operations' }]);
  expect(endpoints[0]).not.toHaveProperty('scheme');
});

test.each([
  ['internalTls.certManager', [], 'get secret mysmtp-logging-internal-tls'],
  [
    'a Secret',
    ['internalTls.certManager.enabled=false', 'internalTls.existingSecret=x'],
    'get secret x',
  ],
  ['apiTls', ['apiTls.existingSecret=x'], '# ca.pem: the authority'],
])('the notes describe how to call the API with TLS: %s', async (_, set, authority) => {
  const notes = await notesWith(...set);
  expect(notes).toContain(authority);
  expect(notes).toContain('--cacert ca.pem --resolve mysmtp-logging:8080:127.0.0.1');
  expect(notes).toContain('https://mysmtp-logging:8080/v1/messages');
  expect(notes).not.toContain('http://');
});

test('and how without', async () => {
  const notes = await notesWith('apiWithoutTls=true');
  expect(notes).toContain('http://127.0.0.1:8080/v1/messages');
  expect(notes).not.toContain('ca.pem');
});

async function notesWith(...set: readonly string[]): Promise<string> {
  const chart = path.dirname(path.dirname(valuesFile('production')));
  const dryRun = ['install', 'mysmtp', chart, '--namespace', 'mail', '--dry-run=client'];
  const values = ['--values', valuesFile('production'), ...set.flatMap((pair) => ['--set', pair])];
  const said = await helm(4, ...dryRun, ...values);
  return said.slice(said.indexOf('NOTES:'));
}
