import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ServiceName } from '@mysmtp/contracts';
import { repositoryRoot } from '@mysmtp/tooling';
import { ImageFailure } from '../failure.ts';

/** The sources of a service's programs: `programs` in its package.json, each `src/NAME.ts`. */
export async function programsOf(service: ServiceName): Promise<string[]> {
  const folder = path.join(repositoryRoot, 'services', service);
  const manifest = await readFile(path.join(folder, 'package.json'), 'utf8');
  const { programs = [] } = JSON.parse(manifest) as { programs?: readonly string[] };
  if (!programs.includes('main')) {
    throw new ImageFailure(`services/${service}/package.json: programs has no "main"`);
  }
  return programs.map((name) => {
    const file = path.join(folder, 'src', `${name}.ts`);
    if (existsSync(file)) return file;
    throw new ImageFailure(`services/${service}/package.json: there is no program src/${name}.ts`);
  });
}
