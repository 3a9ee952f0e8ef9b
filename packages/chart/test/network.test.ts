import { serviceNames } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { render, type Example, type RenderOptions } from './support/helm.ts';
import { find, ofKind, podOf, type Manifest } from './support/manifests.ts';

interface Rule {
  readonly ports: readonly { readonly protocol: string; readonly port: number }[];
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
}
interface Peer {
  readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}
interface Policy {
  readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

const minimal = await render();
const policyOf = (manifests: readonly Manifest[], name: string) =>
  find(manifests, 'NetworkPolicy', `mysmtp-${name}`).spec as Policy;
const rulesFor = (rules: readonly Rule[] | undefined, port: number) =>
  (rules ?? []).filter(({ ports }) => ports.some((candidate) => candidate.port === port));
const componentsOf = (peers: readonly Peer[] = []) =>
  peers.flatMap(({ podSelector }) => podSelector?.matchLabels['app.kubernetes.io/component'] ?? []);

test('no traffic enters or leaves any pod of the release except to named peers', () => {
  const { podSelector, policyTypes, ingress, egress } = policyOf(minimal, 'default-deny');
  expect(policyTypes).toEqual(['Ingress', 'Egress']);
  expect([ingress, egress]).toEqual([undefined, undefined]);
  const deployments = ofKind(minimal, 'Deployment') as unknown as {
    spec: { template: { metadata: { labels: Record<string, string> } } };
  }[];
  expect(deployments).toHaveLength(serviceNames.length);
  for (const { spec } of deployments) {
    expect(spec.template.metadata.labels).toMatchObject(podSelector.matchLabels);
  }
});

const api = 8080;
const internal = 8081;

test('only callers of a service can reach its internal port, in ingress and egress rules', () => {
  const pairs = (kind: 'ingress' | 'egress') =>
    serviceNames.flatMap((name) =>
      rulesFor(policyOf(minimal, name)[kind], internal).flatMap(({ from, to }) =>
        componentsOf(kind === 'ingress' ? from : to).map((other) =>
          kind === 'ingress' ? `${other} to ${name}` : `${name} to ${other}`,
        ),
      ),
    );
  expect(pairs('egress')).toContain('delivery to ingress');
  expect(pairs('ingress').sort()).toEqual(pairs('egress').sort());
  expect(pairs('ingress').some((pair) => pair.endsWith(' to logging'))).toBe(false);
});

test('only the peers of networkPolicy.api reach the public port, and no other port', async () => {
  const gateway = { podSelector: { matchLabels: { app: 'gateway' } } };
  const set = ['networkPolicy.api[0].podSelector.matchLabels.app=gateway'];
  const manifests = await render({ set });
  for (const name of serviceNames) {
    expect(rulesFor(policyOf(minimal, name).ingress, api)).toEqual([]);
    const { ingress } = policyOf(manifests, name);
    expect(rulesFor(ingress, api)).toEqual([
      { ports: [{ protocol: 'TCP', port: api }], from: [gateway] },
    ]);
    expect(JSON.stringify(rulesFor(ingress, internal))).not.toContain('gateway');
  }
});

test('URLs between services use internal ports, which the Services of the called ones have', () => {
  const urls = serviceNames.flatMap((name) =>
    (podOf(minimal, name).containers[0]?.env ?? []).flatMap(({ name: setting, value }) =>
      value !== undefined && /^[A-Z]+_URL$/.test(setting) ? [value] : [],
    ),
  );
  expect(urls.length).toBeGreaterThan(0);
  for (const url of urls) {
    const { protocol, hostname, port } = new URL(url);
    expect(protocol).toBe('https:');
    expect(Number(port)).toBe(internal);
    const { ports } = find(minimal, 'Service', hostname).spec as { ports: unknown[] };
    expect(ports).toContainEqual({ name: 'internal', port: internal, targetPort: 'internal' });
  }
});

test('only delivery reaches port 25, and only on the internet', () => {
  const ways = serviceNames.filter(
    (name) => rulesFor(policyOf(minimal, name).egress, 25).length > 0,
  );
  expect(ways).toEqual(['delivery']);
  const [rule] = rulesFor(policyOf(minimal, 'delivery').egress, 25);
  expect(rule?.to?.map(({ ipBlock }) => ipBlock?.cidr)).toEqual([
    '0.0.0.0/0',
    '2000::/3',
    '64:ff9b::/96',
  ]);
  expect(rule?.to?.[0]?.ipBlock?.except).toContain('10.0.0.0/8');
});

test.each<[string, RenderOptions, number]>([
  ['a smarthost', { set: ['services.delivery.settings.SMARTHOST=relay.example.org:2525'] }, 2525],
  ['another port of MX', { set: ['services.delivery.settings.MX_PORT=26'] }, 26],
])('%s replaces port 25', async (_, options, port) => {
  const { egress } = policyOf(await render(options), 'delivery');
  expect(rulesFor(egress, 25)).toEqual([]);
  expect(rulesFor(egress, port)).toHaveLength(1);
});

test('MX with private addresses are reached if they are allowed', async () => {
  const set = ['services.delivery.settings.PRIVATE_MX=true'];
  const [rule] = rulesFor(policyOf(await render({ set }), 'delivery').egress, 25);
  expect(rule?.to).toBeUndefined();
});

test('identity reaches sign-in providers, and privacy the callbacks of tenants, on the internet by HTTPS, and nothing private', async () => {
  const onInternet = (rules: readonly Rule[] | undefined) =>
    rulesFor(rules, 443).filter(({ to }) =>
      to?.some(({ ipBlock }) => ipBlock?.cidr === '2000::/3'),
    );
  const calling: readonly string[] = ['identity', 'privacy'];
  for (const name of serviceNames.filter((service) => calling.includes(service))) {
    const [rule] = onInternet(policyOf(minimal, name).egress);
    expect(rule?.to?.[0]?.ipBlock?.except, name).toContain('10.0.0.0/8');
  }
  for (const name of serviceNames.filter((service) => !calling.includes(service))) {
    expect(onInternet(policyOf(minimal, name).egress), name).toEqual([]);
  }
});

test('clients reach the listeners, from everywhere or from the named networks', async () => {
  expect(rulesFor(policyOf(minimal, 'ingress').ingress, 2587)[0]?.from).toBeUndefined();
  const production = await render({ example: 'production' });
  const [rule] = rulesFor(policyOf(production, 'ingress').ingress, 2587);
  expect(rule?.from?.map(({ ipBlock }) => ipBlock?.cidr)).toEqual([
    '203.0.113.0/24',
    '2001:db8::/32',
  ]);
});

test('only services that review tokens reach the API server', () => {
  const ways = serviceNames.filter(
    (name) => rulesFor(policyOf(minimal, name).egress, 6443).length > 0,
  );
  expect(ways).not.toContain('logging');
  expect(ways).toHaveLength(4);
});

test.each<[Example]>([['minimal'], ['production'], ['customised']])(
  '%s: every egress rule has named peers',
  async (example) => {
    const policies = ofKind(await render({ example }), 'NetworkPolicy');
    const rules = policies.flatMap(({ spec }) => (spec as Policy).egress ?? []);
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.filter(({ to }) => to === undefined || to.length === 0)).toEqual([]);
  },
);

test('Jobs before and after an installation have rules of their own', async () => {
  const production = await render({ example: 'production' });
  for (const name of ['prepare', 'first-tenant']) {
    const policy = find(production, 'NetworkPolicy', `mysmtp-${name}`);
    const job = find(production, 'Job', `mysmtp-${name}`);
    const weight = (manifest: Manifest) =>
      Number(manifest.metadata.annotations?.['helm.sh/hook-weight']);
    expect(policy.metadata.annotations?.['helm.sh/hook']).toBe(
      job.metadata.annotations?.['helm.sh/hook'],
    );
    expect(weight(policy)).toBeLessThan(weight(job));
  }
  const [rule] = rulesFor(policyOf(production, 'privacy').ingress, internal);
  expect(componentsOf(rule?.from)).toContain('first-tenant');
});

test('without NetworkPolicies there are none, also for hooks', async () => {
  const manifests = await render({
    example: 'production',
    set: ['networkPolicy.enabled=false'],
  });
  expect(ofKind(manifests, 'NetworkPolicy')).toEqual([]);
});
