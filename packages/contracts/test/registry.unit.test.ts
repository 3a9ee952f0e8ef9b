import { createHash } from 'node:crypto';
import { glob, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loggerFields } from '../src/log-fields.ts';
import { balancingTestIds, citationOf } from '../src/registry/balancing-tests.ts';
import { coverageText } from '../src/registry/coverage.ts';
import { dataMap } from '../src/registry/data-map.ts';
import { outlives, outlivesPerson } from '../src/registry/outlives.ts';
import { registry } from '../src/registry/registry.ts';
import { Registry } from '../src/registry/shape.ts';
import { registryVersions } from '../src/registry/versions.ts';
import { workQueues } from '../src/topology.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const held = [...registry.collections, ...registry.queues];

test('each store is registered once', () => {
  const ids = held.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('every work queue is registered', () => {
  const names = registry.queues.map(({ queue }) => queue);
  for (const { name } of workQueues) expect(names).toContain(name);
});

test('a rare field appears in the test that it names', async () => {
  for (const { id, fields } of registry.collections) {
    for (const [field, value] of Object.entries(fields)) {
      if (typeof value === 'string') continue;
      // Every document has one.
      if (field === '_id') continue;
      const text = await readFile(path.join(root, value.seenIn), 'utf8');
      const name = field.split('.').at(-1) ?? field;
      const isSeen = new RegExp(String.raw`\b${name}\b`).test(text);
      expect(isSeen, `${id}: ${field} in ${value.seenIn}`).toBe(true);
    }
  }
});

test('each log key is written by our code or by the logger itself', async () => {
  const written = new Set<string>([...loggerFields, ...keysIn(await logCalls())]);
  const unwritten = registry.logKeys.filter(({ name }) => !written.has(name));
  expect(unwritten.map(({ name }) => name)).toEqual([]);
});

test('a rare label is written by our code', async () => {
  const sources = await allSources();
  for (const { name, rare } of registry.metricLabels) {
    if (rare !== true) continue;
    const isWritten = new RegExp(String.raw`\b${name}\b\s*[:,}\]]`).test(sources);
    expect(isWritten, name).toBe(true);
  }
});

test('each store and word has one legal basis; a legitimate interest, and nothing else, names its balancing test', () => {
  for (const { basis, balancingTest, ...of } of [
    ...held,
    ...registry.logKeys,
    ...registry.metricLabels,
  ]) {
    const name = 'id' in of ? of.id : of.name;
    expect([name, balancingTest !== undefined]).toEqual([name, basis === 'legitimate interest']);
  }
});

test.each(balancingTestIds)('the certificate cites the balancing test %s as it is', async (id) => {
  const text = await readFile(path.join(root, `docs/balancing-tests/${id}.md`));
  const sha256 = createHash('sha256').update(text).digest('hex');
  expect(citationOf(id)).toContain(sha256);
  expect(
    [...outlives, ...outlivesPerson].some(({ ground }) => ground.includes(citationOf(id))),
  ).toBe(true);
});

test('another test, sentence, limit or field is documentation: the coverage does not change', () => {
  const other = structuredClone(registry);
  const words = { purpose: 'x', basis: 'none needed', retention: 'x', erasure: 'x', limit: 1 };
  for (const store of [...other.collections, ...other.queues]) Object.assign(store, words);
  for (const store of other.collections) {
    store.fields = { x: { protection: 'id', seenIn: 'x.test.ts' } };
  }
  for (const queue of other.queues) queue.content = 'x';
  other.logKeys = [];
  other.metricLabels = [];
  expect(Registry.parse(other)).toEqual(other);
  expect(coverageText(other)).toBe(coverageText(registry));
});

test('another store, path, marker or remaining field changes the coverage', () => {
  const changes: ((other: typeof registry) => void)[] = [
    ({ collections }) => collections.pop(),
    ({ queues: [first] }) => Object.assign(first ?? {}, { marker: false }),
    ({ collections: [first] }) => Object.assign(first?.subject?.tenant ?? {}, { more: '{tenant}' }),
    ({ collections: [first] }) => first?.subject?.remains.push('name'),
  ];
  for (const change of changes) {
    const other = structuredClone(registry);
    change(other);
    expect(coverageText(other)).not.toBe(coverageText(registry));
  }
});

test('versions follow each other in time without a gap, and the newest is in use', () => {
  for (const [at, { from, until }] of registryVersions.entries()) {
    const next = registryVersions[at + 1];
    expect(until === null, `version ${String(at + 1)}`).toBe(next === undefined);
    if (next === undefined || until === null) continue;
    expect(Date.parse(until)).toBeGreaterThan(Date.parse(from));
    expect(Date.parse(next.from)).toBeGreaterThanOrEqual(Date.parse(from));
    // Otherwise no certificate of that time would be valid.
    expect(Date.parse(until)).toBeGreaterThan(Date.parse(next.from));
  }
});

test('the newest used version is the coverage of the registry, and all earlier versions are kept', async () => {
  const dir = path.join(root, 'packages/contracts/registry');
  const versions = (await readdir(dir))
    .map((file) => Number.parseInt(file, 10))
    .toSorted((a, b) => a - b);
  expect(versions).toEqual(Array.from({ length: registry.version }, (_, at) => at + 1));
  const newest = await readFile(path.join(dir, `${String(registry.version)}.json`), 'utf8');
  expect(newest).toBe(coverageText(registry));
  expect(registryVersions.map(({ version }) => version)).toEqual(versions);
});

test('the data map names every store', () => {
  const text = dataMap(registry);
  for (const { id } of registry.collections) expect(text).toContain(`\`${id}\``);
});

/** Every call of the logger in our sources, from its name to the closing bracket. */
async function logCalls(): Promise<string[]> {
  const sources = await allSources();
  return [...sources.matchAll(/\blog\.(?:debug|info|warn|error)\(/g)].map((call) => {
    let depth = 1;
    let end = call.index + call[0].length;
    for (; depth > 0 && end < sources.length; end += 1) {
      if (sources[end] === '(') depth += 1;
      if (sources[end] === ')') depth -= 1;
    }
    return sources.slice(call.index, end);
  });
}

/**
 * The keys in these calls, with a value or in shorthand. Spread objects (`...fence`) are not followed:
 * each key is also in a call of its own.
 */
const keysIn = (calls: readonly string[]): string[] =>
  calls.flatMap((call) => [...call.matchAll(/(?<=[{,]\s*)\w+(?=\s*[:,}])/g)].map(([key]) => key));

/** All sources except those of the registry itself. */
async function allSources(): Promise<string> {
  const texts: string[] = [];
  for await (const file of glob('{services,packages}/*/src/**/*.ts', { cwd: root })) {
    if (!file.includes('/registry/')) texts.push(await readFile(path.join(root, file), 'utf8'));
  }
  return texts.join('\n');
}
