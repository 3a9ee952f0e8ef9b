import { internalApis, serviceNames, type InternalApi, type ServiceName } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { render } from './support/helm.ts';
import { find, ofKind, podOf, type Pod } from './support/manifests.ts';

const manifests = await render({ example: 'production' });

/** Who calls whom, by the contracts: internal APIs, and delivery that reads ingress's spool. */
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

test.each(serviceNames)('%s has one for the API server only where others call it', (service) => {
  const [token] = tokensOf(podOf(manifests, service), 'api-server');
  expect(token?.path).toBe(isCalled(service) ? 'token' : undefined);
});

test('whom others call may create token reviews, and nothing more', () => {
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

test('accounts are named as services expect it', () => {
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

test('the Job of the first tenant is identity, and may touch one Secret', () => {
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

test('the chart itself makes no other Secret', () => {
  expect(ofKind(manifests, 'Secret')).toHaveLength(1);
});
