import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot, writeOrCheck, type Generated } from '@mysmtp/tooling';
import openapiTS, { astToString } from 'openapi-typescript';

/** Writes the types of the public documents, or with `--check` reports whether they are up to date. */
const services = ['delivery', 'identity', 'logging', 'privacy'];
await writeOrCheck('docs/api/public', await Promise.all(services.map(typesOf)));

async function typesOf(service: string): Promise<Generated> {
  const source = `docs/api/public/${service}.json`;
  const document: unknown = JSON.parse(await readFile(path.join(repositoryRoot, source), 'utf8'));
  const types = astToString(await openapiTS(document as Parameters<typeof openapiTS>[0]));
  return {
    file: `packages/client/src/generated/${service}.ts`,
    text: `/** Generated from ${source} by \`npm run fix\`. */\n${types}`,
  };
}
