import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { documents } from './documents.ts';

/** Writes the OpenAPI documents, or with `--check` says whether they are up to date. */
const dir = path.resolve(import.meta.dirname, '../../../docs/api');
const check = process.argv.includes('--check');

for (const [name, document] of Object.entries(documents())) {
  const file = path.join(dir, name);
  const text = `${JSON.stringify(document, null, 2)}\n`;
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (before === text) continue;
  if (check) {
    process.stderr.write(
      `docs/api/${name} is not what packages/api says.\nWrite it again with \`npm run fix\`.\n`,
    );
    process.exitCode = 1;
  } else {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
