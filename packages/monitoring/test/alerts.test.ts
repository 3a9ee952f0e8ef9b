import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  alertFiles,
  readAlerts,
  readRecordings,
  watchdog,
  yamlFilesIn,
  type AlertRule,
} from '../src/alerts.ts';
import { selectorsOf } from '../src/expressions.ts';
import { bringPrometheus } from '../src/prometheus.ts';
import { places } from '../src/places.ts';

interface TestFile {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts?: readonly { readonly exp_labels: { readonly severity: string } }[];
    }[];
  }[];
}

const run = promisify(execFile);
const alerts = await readAlerts();
const recordings = await readRecordings();
const names = [...new Set(alerts.map(({ alert }) => alert))];
const nameOf = ({ alert, labels }: AlertRule): string => `${alert} (${labels.severity})`;
let promtool: string;
beforeAll(async () => {
  ({ promtool } = await bringPrometheus((line) => process.stderr.write(`${line}\n`)));
}, 600_000);

/** The severities that tests expect of an alert, test by test. */
async function expectations(alert: string): Promise<string[][]> {
  const files = await yamlFilesIn(places.alertTests);
  const read = await Promise.all(
    files.map(async (file) => parse(await readFile(file, 'utf8')) as TestFile),
  );
  return read
    .flatMap(({ tests }) => tests.flatMap(({ alert_rule_test: cases = [] }) => cases))
    .filter(({ alertname }) => alertname === alert)
    .map(({ exp_alerts: fired = [] }) => fired.map(({ exp_labels: { severity } }) => severity));
}

test('Prometheus accepts the rules', async () => {
  const { stdout } = await run(promtool, ['check', 'rules', ...(await alertFiles())]);
  expect(stdout.match(/SUCCESS/g)).toHaveLength((await alertFiles()).length);
});

test.each(
  (await yamlFilesIn(places.alertTests)).map((file) => [path.basename(file), file] as const),
)('alerts fire and are silent as in %s', async (_, file) => {
  // A failure shows the output of promtool.
  const { stdout } = await run(promtool, ['test', 'rules', file]).catch((error: unknown) => {
    const { stdout: said, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${said}\n${stderr}`);
  });
  expect(stdout.match(/SUCCESS/g)).toHaveLength(1);
});

test('the alert that always fires is tested without any series', async () => {
  expect(await expectations(watchdog)).toEqual([['none']]);
});

test.each(
  alerts.filter(({ alert }) => alert !== watchdog).map((rule) => [nameOf(rule), rule] as const),
)(
  '%s has a test in which it fires and one in which it is silent',
  async (_, { alert, labels: { severity } }) => {
    const tested = await expectations(alert);
    expect(tested.some((fired) => fired.includes(severity))).toBe(true);
    expect(tested.some((fired) => fired.length === 0)).toBe(true);
  },
);

test('no two rules have the same alert and severity', () => {
  expect(new Set(alerts.map(nameOf)).size).toBe(alerts.length);
});

test('rules use only our metrics, or recorded ones', () => {
  const recorded = new Set(recordings.map(({ record }) => record));
  expect(recorded.size).toBe(recordings.length);
  for (const { expr } of [...alerts, ...recordings]) {
    for (const selector of selectorsOf(expr)) {
      if (recorded.has(selector)) continue;
      expect(selector, expr).toMatch(/^mysmtp_|app_kubernetes_io_name="mysmtp"/);
    }
  }
});

test('each recorded name contains namespace and its source', () => {
  for (const { record, expr } of recordings) {
    expect(record).toMatch(/^namespace:mysmtp_\w+:(ratio_rate|increase)\d+[mhd]$/);
    const window = /\d+[mhd]$/.exec(record)?.[0] ?? 'none';
    expect(expr, record).toContain(`[${window}]`);
    expect(new Set(expr.match(/\[\w+\]/g)), record).toEqual(new Set([`[${window}]`]));
    expect(expr, record).toContain('sum by (namespace) (');
  }
});

test('each alert has a runbook of its name, and each runbook an alert', async () => {
  const runbooks = await readdir(places.runbooks);
  expect(runbooks.toSorted()).toEqual(names.map((name) => `${name}.md`).toSorted());
  for (const { alert, annotations } of alerts) {
    expect(annotations.runbook_url).toBe(`docs/runbooks/${alert}.md`);
  }
});

test.each(names)('the runbook of %s has all required sections', async (name) => {
  const text = await readFile(path.join(places.runbooks, `${name}.md`), 'utf8');
  const headings = text.split('\n').filter((line) => line.startsWith('#'));
  expect(headings).toEqual([
    `# ${name}`,
    '## What users notice',
    '## How to check',
    '## What to do',
    '## What never to do',
    '## It is over when',
    '## When to escalate',
  ]);
});
