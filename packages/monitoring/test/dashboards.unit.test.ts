import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { expect, test } from 'vitest';
import { readAlerts, readRecordings } from '../src/alerts.ts';
import { dashboards, panelsOf } from '../src/dashboards/dashboards.ts';
import { metricsOf, selectorsOf, withoutVariables } from '../src/expressions.ts';
import { registeredMetrics } from '../src/metrics.ts';
import { places } from '../src/places.ts';

const all = Object.entries(dashboards);
const recordings = await readRecordings();
const recorded = new Set(recordings.map(({ record }) => record));
/** Other than our own: alerts by our names, and kube-state-metrics of our Deployments by theirs. */
const isOurs =
  /^mysmtp_|app_kubernetes_io_name="mysmtp"|^ALERTS\{alertname=~"Mysmtp|^kube_deployment_\w+\{.*deployment=~".\+-\(ingress\|delivery\|/;

interface Read extends Required<Omit<Dashboard, 'panels'>> {
  readonly panels: readonly Panel[];
}

/** As Grafana reads it: from the text of the file, not from our objects. */
const read = (dashboard: Dashboard): Read => JSON.parse(JSON.stringify(dashboard)) as Read;

test('uids are ours, fixed and different', () => {
  expect(all.map(([, { uid }]) => uid)).toEqual([
    'mysmtp-mail-flow',
    'mysmtp-objectives',
    'mysmtp-privacy',
  ]);
});

test.each(all)(
  '%s: every panel has a description and a unit, and uses the chosen data source',
  (_, made) => {
    for (const panel of read(made).panels) {
      if (panel.type === 'row') continue;
      const { title, description, fieldConfig, datasource, targets } = panel;
      expect(title).not.toBe('');
      expect(description, title).toMatch(/^[A-Za-z0-9].{20,95}\.$/);
      expect(fieldConfig?.defaults.unit, title).toBeTypeOf('string');
      const steps = fieldConfig?.defaults.thresholds?.steps ?? [];
      const values = steps.slice(1).map(({ value }) => value ?? Number.NaN);
      expect(values, title).toEqual(values.toSorted((a, b) => a - b));
      expect(datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
      expect(targets?.length, title).toBeGreaterThan(0);
      for (const target of targets ?? []) expect(target).toMatchObject({ datasource });
    }
  },
);

test.each(all)('%s: panels have ids of their own and do not overlap', (_, made) => {
  const { panels } = read(made);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const taken = new Set<string>();
  for (const { gridPos, title } of panels) {
    const { x = 0, y = 0, w = 0, h = 0 } = gridPos ?? {};
    expect(x + w, title).toBeLessThanOrEqual(24);
    for (let row = y; row < y + h; row += 1) {
      for (let column = x; column < x + w; column += 1) {
        const cell = `${String(column)}/${String(row)}`;
        expect(taken.has(cell), title).toBe(false);
        taken.add(cell);
      }
    }
  }
});

test.each(all)(
  '%s: every expression is PromQL and uses only our metrics, in the chosen namespace',
  (_, made) => {
    for (const { title, queries } of panelsOf(made)) {
      for (const query of queries) {
        const selectors = selectorsOf(withoutVariables(query, '1m'));
        expect(selectors.length, title).toBeGreaterThan(0);
        for (const selector of selectors) {
          if (!recorded.has(/^[\w:]+/.exec(selector)?.[0] ?? '')) {
            expect(selector, title).toMatch(isOurs);
          }
          expect(selector, title).toContain('namespace=~".*"');
        }
      }
    }
  },
);

test.each(all)('%s: variables are in the order of their dependencies', (_, made) => {
  const names = (read(made).templating.list ?? []).map(({ name }) => name);
  expect(names).toEqual(['datasource', 'namespace', 'service', 'pod']);
});

test.each(all)(
  '%s: no namespace is merged into another by its largest or smallest value',
  (_, made) => {
    for (const { title, queries } of panelsOf(made)) {
      for (const [, labels = ''] of queries.join('\n').matchAll(/\b(?:max|min) by \(([^)]*)\)/g)) {
        expect(labels.split(', '), title).toContain('namespace');
      }
    }
  },
);

test.each(all)('%s: links to the others, and marks starts, alerts and erasures', (_, made) => {
  const { links, annotations } = read(made);
  expect(links).toMatchObject([{ type: 'dashboards', tags: ['mysmtp'], includeVars: true }]);
  const marks = annotations.list ?? [];
  expect(marks.map(({ name }) => name)).toEqual([
    'Starts of processes',
    'Firing alerts',
    'Erasures under way',
  ]);
  for (const { expr = '' } of marks) {
    for (const selector of selectorsOf(withoutVariables(expr, '1m'))) {
      expect(selector).toMatch(isOurs);
    }
  }
});

test('a panel that names a runbook links to it', () => {
  const panels = all.flatMap(([, made]) => read(made).panels);
  for (const { title, description = '', links = [] } of panels) {
    const named = description.match(/\bMysmtp\w+/g) ?? [];
    expect(
      links.map(({ url }) => url),
      title,
    ).toEqual(named.map((name) => `docs/runbooks/${name}.md`));
  }
});

test('every metric that a service registers is on a panel or in a rule', async () => {
  const queries = all.flatMap(([, made]) => panelsOf(made).flatMap((panel) => panel.queries));
  const rules = [...(await readAlerts()), ...recordings].map(({ expr }) => expr);
  const asked = metricsOf([...queries.map((query) => withoutVariables(query, '1m')), ...rules]);
  const registered = await registeredMetrics();
  expect(registered.length).toBeGreaterThan(50);
  expect(registered.filter((name) => !asked.has(name))).toEqual([]);
  const ours = [...asked].filter((name) => name.startsWith('mysmtp_'));
  expect(ours.filter((name) => !registered.includes(name))).toEqual([]);
});

test('runbooks that panels name are there', async () => {
  const texts = all.flatMap(([, made]) =>
    read(made).panels.map(({ description = '' }) => description),
  );
  const named = new Set(texts.flatMap((text) => text.match(/\bMysmtp\w+/g) ?? []));
  expect(named.size).toBeGreaterThan(5);
  for (const name of named) await access(path.join(places.runbooks, `${name}.md`));
});

test('a text that is no PromQL is reported', () => {
  expect(() => selectorsOf('sum(rate(mysmtp_x[5m])')).toThrow('Not PromQL');
  expect(selectorsOf('a{b="c"} / on() group_left rate(d[5m] offset 1h)')).toEqual([
    'a{b="c"}',
    'd',
  ]);
});
