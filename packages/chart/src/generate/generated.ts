import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { derivedValuesOf } from '../derived/derived-values.ts';
import { loadSettings } from '../derived/load-settings.ts';
import { chartDir } from '../chart-dir.ts';
import { valuesSchema } from '../values/values.ts';
import { jsonSchema } from './node.ts';
import { withTables } from './readme.ts';
import { valuesYaml } from './values-yaml.ts';

const derivedHeader = `# Generated from the services' settings by \`npm run fix\`: values for the templates that cannot be set.
`;

const inChart = (...parts: string[]) => path.join(chartDir, ...parts);

/** Every generated file of the chart with its content. */
export async function generated(): Promise<(readonly [string, string])[]> {
  const settings = await loadSettings();
  const schema = jsonSchema(valuesSchema(settings));
  const readme = await readFile(inChart('README.md'), 'utf8');
  return [
    [inChart('values.yaml'), valuesYaml(schema)],
    [inChart('values.schema.json'), `${JSON.stringify(schema, null, 2)}\n`],
    [inChart('files', 'services.yaml'), derivedHeader + stringify(derivedValuesOf(settings))],
    [inChart('README.md'), withTables(readme, schema)],
  ];
}
