import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { expect, test } from 'vitest';
import { chartWith, fixtures } from './support/chart-copy.ts';
import { helm, helmMajors, valuesFile } from './support/helm.ts';

const globals = {
  imageRegistry: 'mirror.example.org',
  imagePullSecrets: [{ name: 'mirror-example-org' }],
  // For another chart of the same parent.
  storageClass: 'fast',
};

/** A chart that depends on ours, with the values of the minimal example for it. */
async function umbrella(enabled: boolean) {
  const chart = await chartWith(fixtures);
  const dir = path.join(path.dirname(chart.dir), 'umbrella');
  await mkdir(dir);
  const dependency = { name: 'mysmtp', version: '0.1.0', condition: 'mysmtp.enabled' };
  const about = {
    apiVersion: 'v2',
    name: 'umbrella',
    version: '1.0.0',
    dependencies: [dependency],
  };
  await writeFile(path.join(dir, 'Chart.yaml'), stringify(about));
  const minimal = parse(await readFile(valuesFile('minimal'), 'utf8')) as object;
  const values = { global: globals, mysmtp: { ...minimal, enabled } };
  await writeFile(path.join(dir, 'values.yaml'), stringify(values));
  await cp(chart.dir, path.join(dir, 'charts', 'mysmtp'), { recursive: true });
  return { ...chart, dir };
}

for (const major of helmMajors) {
  test(`as a dependency, Helm ${String(major)}: unchanged`, async () => {
    await using chart = await umbrella(true);
    const rendered = await helm(major, 'template', 'mysmtp', chart.dir, '--namespace', 'mail');
    await expect(rendered).toMatchFileSnapshot(path.join('golden', 'umbrella.yaml'));
  });

  test(`as a disabled dependency, Helm ${String(major)}: nothing`, async () => {
    await using chart = await umbrella(false);
    const rendered = await helm(major, 'template', 'mysmtp', chart.dir);
    expect(rendered.trim()).toBe('');
  });
}
