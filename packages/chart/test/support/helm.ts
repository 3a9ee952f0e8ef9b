import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { chartDir, kubernetesTools, type HelmMajor } from '@mysmtp/chart';
import { parseAllDocuments, parseDocument } from 'yaml';
import type { Manifest } from './manifests.ts';

export const helmMajors = [3, 4] as const satisfies HelmMajor[];
// The download takes longer than the time limit of a test, and is done once per machine.
await Promise.all(helmMajors.map(kubernetesTools));

export const examples = ['minimal', 'production'] as const;
/** With the example of platform options, whose pods differ from the defaults. */
export const allExamples = [...examples, 'customised'] as const;
export type Example = (typeof allExamples)[number];

/** The APIs of a cluster with a Prometheus operator in addition to Kubernetes' own. */
export const monitoringApis = ['', '/ServiceMonitor', '/PrometheusRule'].map(
  (kind) => `monitoring.coreos.com/v1${kind}`,
);

export interface RenderOptions {
  readonly helm?: HelmMajor;
  readonly example?: Example;
  /** `path=value`, as on the command line. */
  readonly set?: readonly string[];
  /** A value of the example that is left out. */
  readonly without?: string;
  /** Only this template. */
  readonly only?: string;
  readonly apis?: readonly string[];
  readonly chart?: string;
}

export const valuesFile = (example: Example) => path.join(chartDir, 'examples', `${example}.yaml`);

/** Runs Helm without a cluster and without the user's configuration of Helm. */
export async function helm(major: HelmMajor, ...args: string[]): Promise<string> {
  const { helm: program } = await kubernetesTools(major);
  const { stdout } = await promisify(execFile)(program, args, {
    env: { HOME: '/nonexistent', KUBECONFIG: '/nonexistent' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** The output of `helm template`; rejects with Helm's message if it refuses. */
export async function template(options: RenderOptions = {}): Promise<string> {
  const { example = 'minimal', set = [], apis = [], chart = chartDir, without, only } = options;
  await using values = await valuesWithout(example, without);
  const args = ['template', 'mysmtp', chart, '--namespace', 'mail', '--values', values.file];
  return await helm(
    options.helm ?? 4,
    ...args,
    ...set.flatMap((pair) => ['--set', pair]),
    ...apis.flatMap((api) => ['--api-versions', api]),
    ...(only === undefined ? [] : ['--show-only', only]),
  );
}

async function valuesWithout(
  example: Example,
  without: string | undefined,
): Promise<AsyncDisposable & { readonly file: string }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-values-'));
  const values = parseDocument(await readFile(valuesFile(example), 'utf8'));
  if (without !== undefined && !values.deleteIn(without.split('.'))) {
    throw new Error(`${example} has no ${without}`);
  }
  const file = path.join(dir, 'values.yaml');
  await writeFile(file, values.toString());
  return { file, [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) };
}

/** The reason why Helm refuses; fails if it does not. */
export async function refusal(options: RenderOptions): Promise<string> {
  const outcome = await template(options).catch((error: { stderr: string }) => error);
  if (typeof outcome === 'string') throw new Error('Helm has not refused it');
  return outcome.stderr;
}

export async function render(options: RenderOptions = {}): Promise<Manifest[]> {
  const documents = parseAllDocuments(await template(options));
  return documents
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}
