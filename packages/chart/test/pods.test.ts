import { serviceNames } from '@mysmtp/contracts';
import { readConfig } from '@mysmtp/service';
import { expect, test } from 'vitest';
import { loadSettings } from '../src/derived/load-settings.ts';
import { examples, render } from './support/helm.ts';
import { find, ofKind, podOf, podsOf, type Container, type Pod } from './support/manifests.ts';

const rendered = Object.fromEntries(
  await Promise.all(examples.map(async (example) => [example, await render({ example })] as const)),
);
const settings = await loadSettings();
const manifestsOf = (example: string) => rendered[example] ?? [];
const withJobs = [...serviceNames, 'first-tenant', 'prepare'];

test('the production example has every kind of pod', () => {
  expect([...podsOf(manifestsOf('production')).keys()].sort()).toEqual(withJobs.toSorted());
});

test.each(examples)('%s: every pod satisfies Pod Security’s restricted', (example) => {
  for (const pod of podsOf(manifestsOf(example)).values()) {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    for (const container of pod.containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  }
});

test.each(examples)('%s: every container has requests and limits', (example) => {
  for (const { containers } of podsOf(manifestsOf(example)).values()) {
    for (const { resources } of containers) {
      for (const amounts of [resources.requests, resources.limits]) {
        expect(amounts.cpu).toBeDefined();
        expect(amounts.memory).toBeDefined();
      }
    }
  }
});

test.each(serviceNames)('%s: probes use the routes of the operations port', (service) => {
  const [container] = podOf(manifestsOf('minimal'), service).containers;
  const asks = (path: string) => ({ httpGet: { path, port: 'operations' } });
  expect(container?.startupProbe).toMatchObject(asks('/healthz'));
  expect(container?.livenessProbe).toMatchObject(asks('/healthz'));
  expect(container?.readinessProbe).toMatchObject(asks('/readyz'));
});

test.each(serviceNames)('%s: accepts its environment, and has no unknown variable', (service) => {
  for (const example of examples) {
    const env = readable(environmentOf(podOf(manifestsOf(example), service)));
    expect(() => readConfig(settings[service], env)).not.toThrow();
    const known = new Set(Object.values(settings[service]).map((setting) => setting.env));
    const others = Object.keys(env).filter((name) => !known.has(name));
    expect(others.filter((name) => name !== 'NODE_EXTRA_CA_CERTS')).toEqual([]);
  }
});

test('numbers of settings are written in full', () => {
  const env = environmentOf(podOf(manifestsOf('production'), 'ingress'));
  expect(env['SIZE_LIMIT']).toBe('52428800');
});

test.each(serviceNames)(
  '%s: the grace period covers the sleep and the stop deadline',
  (service) => {
    for (const example of examples) {
      const pod = podOf(manifestsOf(example), service);
      const config = readConfig(settings[service], readable(environmentOf(pod))) as {
        stopDeadline: number;
      };
      const sleep = pod.containers[0]?.lifecycle?.preStop.sleep.seconds ?? 0;
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(
        sleep + config.stopDeadline / 1_000,
      );
    }
  },
);

test('files that a setting names are mounted', () => {
  for (const service of serviceNames) {
    const pod = podOf(manifestsOf('minimal'), service);
    const [container] = pod.containers;
    const mounts = container?.volumeMounts?.map(({ mountPath }) => `${mountPath}/`) ?? [];
    const files = Object.entries(environmentOf(pod)).filter(([name]) => /_(FILE|DIR)$/.test(name));
    expect(files.length).toBeGreaterThan(2);
    for (const [, file] of files) {
      expect(
        mounts.some((mount) => `${file}/`.startsWith(mount)),
        file,
      ).toBe(true);
    }
  }
});

test('a pod of privacy is replaced if its volume serves one pod, and rolled if it serves many', () => {
  const strategy = (example: string) => {
    const { spec } = find(manifestsOf(example), 'Deployment', 'mysmtp-privacy');
    return (spec as { strategy: { type: string } }).strategy.type;
  };
  expect(strategy('minimal')).toBe('Recreate');
  expect(strategy('production')).toBe('RollingUpdate');
});

test('only services with several pods have a PodDisruptionBudget', () => {
  expect(ofKind(manifestsOf('minimal'), 'PodDisruptionBudget')).toEqual([]);
  const names = ofKind(manifestsOf('production'), 'PodDisruptionBudget').map(
    ({ metadata }) => metadata.name,
  );
  expect(names.sort()).toEqual(serviceNames.map((name) => `mysmtp-${name}`).sort());
});

test('the Job before an installation creates the indexes of each service with its own user', () => {
  const { containers, volumes } = podOf(manifestsOf('minimal'), 'prepare');
  expect(containers.map(({ name }) => name).sort()).toEqual(serviceNames.toSorted());
  for (const { name, args, env, image, volumeMounts } of containers) {
    expect(args).toEqual(['prepare.js']);
    expect(image).toContain(`/${name}:`);
    expect(env.map(({ name: variable }) => variable)).toEqual(['MONGODB_URL_FILE']);
    const secrets = volumes?.find((volume) => volume.name === `secrets-${name}`);
    expect(secrets?.projected?.sources.map(({ secret }) => secret?.items)).toEqual([
      [{ key: `${name}-url`, path: 'mongodb-url' }],
    ]);
    expect(volumeMounts).toContainEqual({
      name: `secrets-${name}`,
      mountPath: '/etc/mysmtp/secrets',
      readOnly: true,
    });
  }
});

test('it sets up the broker if an administrator is set, and gets the URLs of all services', () => {
  const broker = podOf(manifestsOf('production'), 'prepare').containers.find(
    ({ name }) => name === 'broker',
  );
  expect(broker?.args).toEqual(['set-up-broker.js']);
  expect(broker?.env.map(({ name }) => name).sort()).toEqual(
    [
      'NODE_EXTRA_CA_CERTS',
      'RABBITMQ_MANAGEMENT_URL_FILE',
      ...serviceNames.map((name) => `${name.toUpperCase()}_RABBITMQ_URL_FILE`),
    ].sort(),
  );
});

test('no secret is in the environment of any container', () => {
  for (const example of examples) {
    for (const { containers } of podsOf(manifestsOf(example)).values()) {
      const named = containers.flatMap(({ env }) => env.filter(({ valueFrom }) => valueFrom));
      expect(named).toEqual([]);
    }
  }
});

test.each(['services', 'prepare'])(
  '%s: back ends without TLS are accepted if values say so',
  async (kind) => {
    const with_ = await render({ example: 'production', set: ['backEndsWithoutTls=true'] });
    for (const name of kind === 'prepare' ? ['prepare'] : serviceNames) {
      for (const { env } of podOf(with_, name).containers) {
        expect(env).toContainEqual({ name: 'BACK_ENDS_WITHOUT_TLS', value: 'true' });
      }
      for (const { env } of podOf(manifestsOf('production'), name).containers) {
        expect(env.map((variable) => variable.name)).not.toContain('BACK_ENDS_WITHOUT_TLS');
      }
    }
  },
);

/** The environment of a container. */
function environmentOf(pod: Pod): Record<string, string> {
  const [container] = pod.containers as [Container];
  return Object.fromEntries(container.env.map(({ name, value }) => [name, value ?? '']));
}

/** The same with URLs instead of their files, because there is no pod here. */
function readable(env: Record<string, string>): Record<string, string> {
  const urls: [RegExp, string][] = [
    [/^(MONGODB|VERIFIER_\w+)_URL_FILE$/, 'mongodb://user:word@db.example.org/name?tls=true'],
    [/^RABBITMQ_URL_FILE$/, 'amqps://user:word@rabbit.example.org/mail'],
  ];
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      const [, url] = urls.find(([pattern]) => pattern.test(name)) ?? [];
      return url === undefined ? [name, value] : [name.replace(/_FILE$/, ''), url];
    }),
  );
}
