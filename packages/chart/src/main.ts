import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generated } from './generate/generated.ts';
import { repositoryRoot } from './repository.ts';

/** Writes what is generated in the chart, or with `--check` says whether it is up to date. */
const check = process.argv.includes('--check');

for (const [file, text] of await generated()) {
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (before === text) continue;
  if (check) {
    const name = path.relative(repositoryRoot, file);
    process.stderr.write(
      `${name} is not what packages/chart says.\nWrite it again with \`npm run fix\`.\n`,
    );
    process.exitCode = 1;
  } else await writeFile(file, text);
}
