import { expect, test } from 'vitest';
import { render } from './support/helm.ts';
import { find, ofKind, podOf, podsOf } from './support/manifests.ts';

const manifests = await render({ example: 'customised' });
const pods = podsOf(manifests);

interface SmtpService {
  readonly type: string;
  readonly loadBalancerSourceRanges?: readonly string[];
  readonly ports: readonly { readonly name: string; readonly nodePort?: number }[];
}
const smtpService = (name: string) => find(manifests, 'Service', name);

test('`global` applies to the images of all pods, and each pull secret occurs once', () => {
  for (const pod of pods.values()) {
    expect(pod.imagePullSecrets).toEqual([
      { name: 'mirror-example-org' },
      { name: 'registry-example-org' },
    ]);
    for (const { image } of pod.containers) expect(image).toMatch(/^mirror\.example\.org\//);
  }
});

test('a digest or a tag applies to one service, in its Deployment and in Jobs', () => {
  const imagesOf = (service: string) =>
    [...pods.values()].flatMap(({ containers }) =>
      containers.filter(({ name }) => name === service).map(({ image }) => image),
    );
  expect(imagesOf('ingress')).toHaveLength(2);
  for (const image of imagesOf('ingress')) expect(image).toMatch(/\/ingress@sha256:[\da-f]{64}$/);
  for (const image of imagesOf('delivery')) expect(image).toMatch(/\/delivery:0\.1\.0-hotfix$/);
  for (const image of imagesOf('privacy')) expect(image).toMatch(/\/privacy:0\.1\.0$/);
});

test('`null` removes a fixed id from every pod', () => {
  for (const pod of pods.values()) {
    expect(Object.keys(pod.securityContext as object).sort()).toEqual([
      'fsGroupChangePolicy',
      'runAsNonRoot',
      'seccompProfile',
    ]);
  }
});

test('variables, volumes and mounts are in every container of the release', () => {
  for (const [name, pod] of pods) {
    expect(pod.volumes?.map((volume) => volume.name)).toContain('secrets-store');
    for (const { env, volumeMounts } of pod.containers) {
      expect(volumeMounts?.map(({ mountPath }) => mountPath)).toContain('/mnt/secrets-store');
      const options = name === 'delivery' ? '--max-old-space-size=384' : '--use-system-ca';
      expect(env).toContainEqual({ name: 'NODE_OPTIONS', value: options });
      expect(env).toContainEqual({
        name: 'POD_IP',
        valueFrom: { fieldRef: { fieldPath: 'status.podIP' } },
      });
    }
  }
});

test('a third-party container is as restricted as ours', () => {
  const { containers, initContainers } = podOf(manifests, 'ingress');
  expect(initContainers?.map(({ name }) => name)).toEqual(['proxy']);
  expect(initContainers?.[0]?.securityContext).toEqual(containers[0]?.securityContext);
});

test('no selector contains labels of the values', () => {
  const selectors = manifests.map(({ spec }) =>
    JSON.stringify((spec as { selector?: object })?.selector ?? {}),
  );
  for (const selector of selectors) expect(selector).not.toContain('example.org');
  for (const { metadata } of manifests) {
    expect(metadata.labels).toMatchObject({ 'example.org/cost-centre': 'mail' });
  }
});

test('without a number for an autoscaler there is a budget; a stopped service has none', () => {
  const replicas = (name: string) =>
    (find(manifests, 'Deployment', `mysmtp-${name}`).spec as { replicas?: number }).replicas;
  expect([replicas('ingress'), replicas('logging')]).toEqual([undefined, 0]);
  const budgets = ofKind(manifests, 'PodDisruptionBudget').map(({ metadata }) => metadata.name);
  expect(budgets.sort()).toEqual(['mysmtp-delivery', 'mysmtp-identity', 'mysmtp-ingress']);
});

test('a listener with a Service of its own is not in the common one', () => {
  const common = smtpService('mysmtp-smtp').spec as SmtpService;
  expect(common.ports.map(({ name }) => name)).toEqual(['starttls', 'tls']);
  expect(common.ports[0]?.nodePort).toBe(30_587);
  expect(common.loadBalancerSourceRanges).toBeUndefined();
  const own = smtpService('mysmtp-smtp-network');
  expect((own.spec as SmtpService).ports.map(({ name }) => name)).toEqual(['network']);
  expect((own.spec as SmtpService).loadBalancerSourceRanges).toEqual(['10.0.0.0/8']);
  expect(own.metadata.annotations).toEqual({
    'example.org/load-balancer-scheme': 'internal',
    'example.org/location': 'fsn1',
  });
});

test('each Service admits the clients of its listeners', () => {
  const { ingress } = find(manifests, 'NetworkPolicy', 'mysmtp-ingress').spec as {
    ingress: { ports: { port: number }[]; from?: unknown }[];
  };
  const from = (port: number) =>
    ingress.find(({ ports }) => ports.some((candidate) => candidate.port === port))?.from;
  expect(from(2587)).toBeUndefined();
  expect(from(2525)).toEqual([{ ipBlock: { cidr: '10.0.0.0/8' } }]);
});
