import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { coverageText } from './coverage.ts';
import { dataMap } from './data-map.ts';
import { registry } from './registry.ts';

/** Writes what is generated from the registry, or with `--check` says whether it is up to date. */
const root = path.resolve(import.meta.dirname, '../../../..');
const frozen = path.join('packages/contracts/registry', `${String(registry.version)}.json`);
const generated: readonly (readonly [string, string])[] = [
  [path.join('docs', 'data-map.md'), dataMap(registry)],
  [frozen, coverageText(registry)],
];
const check = process.argv.includes('--check');

for (const [file, text] of generated) {
  const before = await readFile(path.join(root, file), 'utf8').catch(() => undefined);
  if (before === text) continue;
  if (check || (before !== undefined && file === frozen)) {
    process.stderr.write(
      `${file} is not what the registry of personal data says.\n${advice(file)}\n`,
    );
    process.exitCode = 1;
  } else await writeFile(path.join(root, file), text);
}

function advice(file: string): string {
  return file === frozen
    ? 'A version that was used stays as it is: raise `version` in packages/contracts/src/registry/registry.ts, give it its time in versions.ts, then `npm run fix`.'
    : 'Write it again with `npm run fix`.';
}
