import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';

/** Writes the types of the public documents, or with `--check` says whether they are up to date. */
const root = path.resolve(import.meta.dirname, '../../..');
const check = process.argv.includes('--check');
const services = ['delivery', 'identity', 'logging', 'privacy'];

for (const service of services) {
  const source = path.join('docs/api/public', `${service}.json`);
  const document: unknown = JSON.parse(await readFile(path.join(root, source), 'utf8'));
  const types = astToString(await openapiTS(document as Parameters<typeof openapiTS>[0]));
  const text = `/** Generated from ${source} by \`npm run fix\`. */\n${types}`;
  const name = path.join('packages/client/src/generated', `${service}.ts`);
  const file = path.join(root, name);
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (before === text) continue;
  if (check) {
    process.stderr.write(
      `${name} is not what ${source} says.\nWrite it again with \`npm run fix\`.\n`,
    );
    process.exitCode = 1;
  } else {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
