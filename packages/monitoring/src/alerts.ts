import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { places } from './places.ts';

/** A rule as Prometheus reads it. An alert may have several, each with a severity of its own. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: 'critical' | 'warning' | 'none' };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly runbook_url: string;
  };
}

/** A rule that records an expression of other rules and panels under its own name. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

interface RuleFile {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly (AlertRule | RecordingRule)[];
  }[];
}

/** The alert that always fires, so that its absence is noticed. */
export const watchdog = 'MysmtpWatchdog';

/** The files of alert rules, in order. */
export const alertFiles = (): Promise<string[]> => yamlFilesIn(places.alerts);

export async function yamlFilesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
  return names.toSorted().map((name) => path.join(folder, name));
}

export const readAlerts = async (): Promise<AlertRule[]> =>
  (await readRules()).filter((rule) => 'alert' in rule);

export const readRecordings = async (): Promise<RecordingRule[]> =>
  (await readRules()).filter((rule) => 'record' in rule);

async function readRules(): Promise<(AlertRule | RecordingRule)[]> {
  const files = await alertFiles();
  const read = await Promise.all(
    files.map(async (file) => parse(await readFile(file, 'utf8')) as RuleFile),
  );
  return read.flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));
}
