import { internalApis, serviceNames, type InternalApi, type ServiceName } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { render } from './support/helm.ts';
import { find, ofKind, podOf, type Pod } from './support/manifests.ts';

const manifests = await render({ example: 'production' });

/** The calls between services, by the contracts: internal APIs, and delivery that reads ingress's spool. */
const calls = (caller: ServiceName): ServiceName[] => {
  const called = Object.values<InternalApi>(internalApis)
    .filter(({ callers }) => callers.includes(caller))
    .map(({ service }) => service);
  if (caller === 'delivery') called.push('ingress');
  return serviceNames.filter((name) => called.includes(name));
};
const isCalled = (service: ServiceName) =>
  serviceNames.some((name) => calls(name).includes(service));

interface Token {
  readonly audience?: string;
  readonly path: string;
}

const tokensOf = (pod: Pod, volume: string): Token[] =>
  (pod.volumes?.find(({ name }) => name === volume)?.projected?.sources ?? []).flatMap(
    ({ serviceAccountToken: token }) => (token === undefined ? [] : [token]),
  );

test.each(serviceNames)(
  '%s has a token for each service that it calls, and no other',
  (service) => {
    const tokens = tokensOf(podOf(manifests, service), 'tokens');
    const expected = calls(service).map((name) => ({ audience: `mysmtp-${name}`, path: name }));
    expect(tokens.map(({ audience, path }) => ({ audience, path }))).toEqual(expected);
  },
);

test.each(serviceNames)('%s has one for the API server only if others call it', (service) => {
  const [token] = tokensOf(podOf(manifests, service), 'api-server');
  expect(token?.path).toBe(isCalled(service) ? 'token' : undefined);
});

test('a called service may create token reviews, and nothing more', () => {
  const [role] = ofKind(manifests, 'ClusterRole') as unknown as [{ rules: unknown }];
  expect(role.rules).toEqual([
    { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  ]);
  const [binding] = ofKind(manifests, 'ClusterRoleBinding') as unknown as [
    { subjects: { name: string; namespace: string }[] },
  ];
  expect(binding.subjects.map(({ name }) => name).sort()).toEqual(
    serviceNames
      .filter(isCalled)
      .map((name) => `mysmtp-${name}`)
      .sort(),
  );
});

test('accounts have the names that services expect', () => {
  for (const service of serviceNames) {
    const pod = podOf(manifests, service);
    const prefix = pod.containers[0]?.env.find(({ name }) => name === 'SERVICE_ACCOUNTS')?.value;
    expect(`${prefix ?? ''}${service}`).toBe(
      `system:serviceaccount:mail:${pod.serviceAccountName ?? ''}`,
    );
    const account = find(manifests, 'ServiceAccount', pod.serviceAccountName ?? '');
    expect(account).toMatchObject({ automountServiceAccountToken: false });
  }
});

test('the Job of the first tenant runs as identity, and may write one Secret', () => {
  const pod = podOf(manifests, 'first-tenant');
  expect(pod.serviceAccountName).toBe('mysmtp-identity');
  expect(tokensOf(pod, 'tokens')).toEqual(tokensOf(podOf(manifests, 'identity'), 'tokens'));
  const [role] = ofKind(manifests, 'Role') as unknown as [{ rules: unknown }];
  expect(role.rules).toEqual([
    {
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: ['mysmtp-first-tenant'],
      verbs: ['get', 'patch', 'update'],
    },
  ]);
  const secret = find(manifests, 'Secret', 'mysmtp-first-tenant');
  expect(secret.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
  expect(secret).not.toHaveProperty('data');
  expect(secret).not.toHaveProperty('stringData');
});

interface InternalTls {
  readonly secret: { readonly secretName: string; readonly items: readonly unknown[] };
}
interface Certificate {
  readonly secretName: string;
  readonly dnsNames: readonly string[];
  readonly issuerRef: { readonly kind: string; readonly name: string };
}

const internalTlsOf = (pod: Pod) =>
  pod.volumes?.find(({ name }) => name === 'internal-tls') as unknown as InternalTls;

test.each(serviceNames)('%s has the certificate for its name and no other key', async (service) => {
  const { secret } = internalTlsOf(podOf(manifests, service));
  const { spec } = find(manifests, 'Certificate', `mysmtp-${service}-internal`);
  const certificate = spec as Certificate;
  expect(secret.secretName).toBe(certificate.secretName);
  expect(certificate.dnsNames).toEqual([`mysmtp-${service}`]);
  expect(find(manifests, 'Issuer', certificate.issuerRef.name).spec).toEqual({
    ca: { secretName: 'mysmtp-internal-ca' },
  });

  const existing = internalTlsOf(podOf(await render(), service)).secret;
  expect(existing.items).toEqual([
    { key: `${service}.pem`, path: 'tls.crt' },
    { key: `${service}.key.pem`, path: 'tls.key' },
    { key: 'ca.pem', path: 'ca.crt' },
  ]);
});

test('your own issuer signs all of them, and the chart then creates none', async () => {
  const customised = await render({ example: 'customised' });
  const issuers = ofKind(customised, 'Certificate').map(
    ({ spec }) => (spec as Certificate).issuerRef,
  );
  expect(issuers).toHaveLength(serviceNames.length);
  for (const issuer of issuers) {
    expect(issuer).toMatchObject({ kind: 'ClusterIssuer', name: 'internal' });
  }
  expect(ofKind(customised, 'Issuer')).toEqual([]);
});

test('the chart itself creates no other Secret', () => {
  expect(ofKind(manifests, 'Secret')).toHaveLength(1);
});
