import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readAlerts, yamlFilesIn } from '../src/alerts.ts';
import { bringAmtool } from '../src/prometheus.ts';
import { places } from '../src/places.ts';

interface Inhibition {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

interface TestFile {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts?: readonly { readonly exp_labels: Readonly<Record<string, string>> }[];
    }[];
  }[];
}

const text = await readFile(places.alertmanager, 'utf8');
const alerts = await readAlerts();
const { inhibit_rules: inhibitions } = parse(text) as { inhibit_rules: Inhibition[] };

let amtool: string;
beforeAll(async () => {
  ({ amtool } = await bringAmtool((line) => process.stderr.write(`${line}\n`)));
}, 600_000);

test('Alertmanager accepts the example', async () => {
  const { stdout } = await promisify(execFile)(amtool, ['check-config', places.alertmanager]);
  expect(stdout).toContain(`${String(inhibitions.length)} inhibit rules`);
});

test('every alert that the example names is one of ours', () => {
  const names = new Set(alerts.map(({ alert }) => alert));
  const named = new Set(text.match(/\bMysmtp\w+/g));
  expect(named.size).toBeGreaterThan(8);
  expect([...named].filter((name) => !names.has(name))).toEqual([]);
});

// If two alerts both lack a label, they are equal in it, so the rule would inhibit too much.
test('alerts have the labels that a rule compares, as promtool expects them', async () => {
  const files = await yamlFilesIn(places.alertTests);
  const tests = await Promise.all(
    files.map(async (file) => parse(await readFile(file, 'utf8')) as TestFile),
  );
  const cases = tests.flatMap((file) => file.tests.flatMap((one) => one.alert_rule_test ?? []));
  for (const { source_matchers, target_matchers, equal } of inhibitions) {
    const named = [...source_matchers, ...target_matchers].flatMap(
      (matcher) => matcher.match(/\bMysmtp\w+/g) ?? [],
    );
    for (const name of named) {
      const fired = cases
        .filter(({ alertname }) => alertname === name)
        .flatMap(({ exp_alerts: expected = [] }) => expected.map(({ exp_labels: of }) => of));
      expect(fired.length, name).toBeGreaterThan(0);
      expect(
        fired.some((labels) => equal.every((label) => label in labels)),
        `${name} by ${equal.join(', ')}`,
      ).toBe(true);
    }
  }
});
