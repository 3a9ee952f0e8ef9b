import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { places } from './repository.ts';

/** A rule as Prometheus reads it. An alert may have several, each with a severity of its own. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: 'critical' | 'warning' };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly runbook_url: string;
  };
}

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

/** The files of alert rules, in order. */
export const alertFiles = (): Promise<string[]> => yamlFilesIn(places.alerts);

export async function yamlFilesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
  return names.toSorted().map((name) => path.join(folder, name));
}

export async function readAlerts(): Promise<AlertRule[]> {
  const files = await alertFiles();
  const read = await Promise.all(
    files.map(async (file) => parse(await readFile(file, 'utf8')) as RuleFile),
  );
  return read.flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));
}
