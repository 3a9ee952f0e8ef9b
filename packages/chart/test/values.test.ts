import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { chartDir } from '@mysmtp/chart';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { generated } from '../src/generate/generated.ts';
import { loadSettings } from '../src/derived/load-settings.ts';
import { valuesSchema } from '../src/values/values.ts';
import { allExamples, valuesFile } from './support/helm.ts';

const read = async (file: string) => parse(await readFile(file, 'utf8')) as object;
const schema = valuesSchema(await loadSettings());

test('values.yaml has the defaults, all of them and no others', async () => {
  const example = await read(valuesFile('minimal'));
  const ofFile = await read(path.join(chartDir, 'values.yaml'));
  const required = { smtpName: 'a.example', ehloName: 'b.example', returnPathDomain: 'c.example' };
  const secrets = { existingSecret: 'name' };
  const rest = { tls: secrets, serviceKeys: secrets, certificateKeys: secrets };
  const operator = { existingConfigMap: 'name' };
  const { vault } = ofFile as { vault: object };
  const said = { ...required, ...rest, operator, vault: { ...vault, existingClaim: 'name' } };
  expect(schema.parse({ ...ofFile, ...said })).toEqual(schema.parse(said));
  expect(schema.safeParse(example).success).toBe(true);
});

test('an empty list of peers is refused, because Kubernetes takes it for anywhere', async () => {
  const example = (await read(valuesFile('minimal'))) as { networkPolicy: object };
  for (const empty of [{ mongodb: { to: [] } }, { apiServer: { to: [] } }, { dns: [] }]) {
    const networkPolicy = { ...example.networkPolicy, ...empty };
    expect(schema.safeParse({ ...example, networkPolicy }).success).toBe(false);
  }
});

test.each(allExamples)('the example %s is valid', async (example) => {
  expect(schema.safeParse(await read(valuesFile(example))).error?.message).toBeUndefined();
});

test('every object of the schema is closed', async () => {
  const files = new Map(await generated());
  const text = files.get(path.join(chartDir, 'values.schema.json')) ?? '';
  const open: string[] = [];
  const walk = (node: unknown, where: string): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('properties' in node && !('additionalProperties' in node)) open.push(where);
    for (const [name, child] of Object.entries(node)) walk(child, `${where}/${name}`);
  };
  walk(JSON.parse(text), '');
  expect(open).toEqual([]);
  expect(text.length).toBeGreaterThan(10_000);
});
