import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { chartWith, fixtures } from './support/chart-copy.ts';
import { helm, monitoringApis, render, valuesFile } from './support/helm.ts';
import { ofKind } from './support/manifests.ts';

const kinds = ['ServiceMonitor', 'PrometheusRule', 'ConfigMap'] as const;

async function counts(options: { apis?: readonly string[]; set?: readonly string[] }) {
  await using chart = await chartWith(fixtures);
  const manifests = await render({ ...options, chart: chart.dir });
  return kinds.map((kind) => ofKind(manifests, kind).length);
}
const setAll = (value: string) =>
  ['serviceMonitor', 'prometheusRule', 'dashboards'].map(
    (name) => `monitoring.${name}.enabled=${value}`,
  );

test('auto tests the cluster, true and false do not', async () => {
  expect(await counts({})).toEqual([0, 0, 0]);
  expect(await counts({ apis: monitoringApis })).toEqual([1, 2, 2]);
  expect(await counts({ set: setAll('true') })).toEqual([1, 2, 2]);
  expect(await counts({ set: setAll('false'), apis: monitoringApis })).toEqual([0, 0, 0]);
});

test('alerts and dashboards are installed unchanged, with any text in braces', async () => {
  await using chart = await chartWith(fixtures);
  const manifests = await render({ chart: chart.dir, apis: monitoringApis });
  const rules = ofKind(manifests, 'PrometheusRule').map(({ spec }) => spec);
  const dashboards = ofKind(manifests, 'ConfigMap') as unknown as {
    metadata: { labels: Record<string, string> };
    data: Record<string, string>;
  }[];
  for (const name of ['mail-flow', 'privacy']) {
    const alerts = await readFile(path.join(fixtures, 'alerts', `${name}.yaml`), 'utf8');
    expect(rules).toContainEqual(parse(alerts));
    const board = await readFile(path.join(fixtures, 'dashboards', `${name}.json`), 'utf8');
    const found = dashboards.find(({ data }) => Object.hasOwn(data, `${name}.json`));
    expect(JSON.parse(found?.data[`${name}.json`] ?? '')).toEqual(JSON.parse(board));
    expect(found?.metadata.labels['grafana_dashboard']).toBe('1');
  }
});

test('without any alerts and dashboards it works too', async () => {
  await using chart = await chartWith(undefined);
  const manifests = await render({ chart: chart.dir, apis: monitoringApis });
  expect(kinds.map((kind) => ofKind(manifests, kind).length)).toEqual([1, 0, 0]);
});

test('the chart’s own alerts and dashboards are complete', async () => {
  const manifests = await render({ apis: monitoringApis });
  const count = async (folder: string, ending: string) => {
    const dir = path.join(path.dirname(valuesFile('minimal')), '..', folder);
    const names = await readdir(dir).catch(() => []);
    return names.filter((name) => name.endsWith(ending)).length;
  };
  expect(ofKind(manifests, 'PrometheusRule')).toHaveLength(await count('alerts', '.yaml'));
  expect(ofKind(manifests, 'ConfigMap')).toHaveLength(await count('dashboards', '.json'));
});

/** The alerts that the chart installs with these values. */
async function alertsWith(...set: string[]): Promise<Alert[]> {
  const rules = ofKind(await render({ apis: monitoringApis, set }), 'PrometheusRule');
  return rules.flatMap(({ spec }) =>
    (spec as { groups: { rules: Alert[] }[] }).groups.flatMap((group) =>
      group.rules.filter(({ alert }) => alert !== undefined),
    ),
  );
}

interface Alert {
  readonly alert?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: { readonly runbook_url: string };
}

test('runbooks are linked under the URL of the values, in alerts and dashboards', async () => {
  const base = 'https://wiki.example.org/runbooks';
  const set = `monitoring.prometheusRule.runbookBaseUrl=${base}`;
  const alerts = await alertsWith(set);
  expect(alerts.length).toBeGreaterThan(20);
  for (const { alert = '', annotations } of alerts) {
    expect(annotations.runbook_url).toBe(`${base}/${alert}.md`);
  }
  for (const { annotations } of await alertsWith()) {
    expect(URL.canParse(annotations.runbook_url), annotations.runbook_url).toBe(true);
  }
  const boards = ofKind(await render({ apis: monitoringApis, set: [set] }), 'ConfigMap');
  const text = JSON.stringify(boards);
  expect(text).toContain(`${base}/MysmtpMailHeld.md`);
  expect(text).not.toContain('docs/runbooks/');
});

test('alerts get labels of the values and keep their severity; excluded ones are left out', async () => {
  const labels = 'monitoring.prometheusRule.additionalRuleLabels';
  const all = await alertsWith();
  const alerts = await alertsWith(
    `${labels}.team=mail`,
    `${labels}.severity=none`,
    'monitoring.prometheusRule.excludeRules={MysmtpWatchdog,MysmtpServiceDown}',
  );
  const left = all.filter(({ alert = '' }) => !/Watchdog|ServiceDown/.test(alert));
  expect(left.length).toBe(all.length - 3);
  expect(alerts.map(({ alert, labels: of }) => [alert, of])).toEqual(
    left.map(({ alert, labels: of }) => [alert, { ...of, team: 'mail' }]),
  );
});

test('Prometheus names the service as the job', async () => {
  const [monitor] = ofKind(await render({ apis: monitoringApis }), 'ServiceMonitor');
  expect(monitor?.spec).toMatchObject({
    jobLabel: 'app.kubernetes.io/component',
    targetLabels: ['app.kubernetes.io/name'],
    endpoints: [{ port: 'operations', path: '/metrics' }],
  });
});

test('the notes explain how to send a first mail, and show no secret', async () => {
  const chart = path.dirname(path.dirname(valuesFile('production')));
  const dryRun = ['install', 'mysmtp', chart, '--namespace', 'mail', '--dry-run=client'];
  const said = await helm(4, ...dryRun, '--values', valuesFile('production'));
  const notes = said.slice(said.indexOf('NOTES:'));
  expect(notes).toContain('kubectl --namespace mail get service mysmtp-smtp');
  expect(notes).toContain('swaks --server smtp.example.org --port 587');
  expect(notes).toContain('get secret mysmtp-first-tenant');
});
