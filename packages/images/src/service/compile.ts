import { writeFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ServiceName } from '@mysmtp/contracts';
import { repositoryRoot } from '@mysmtp/tooling';
import { existsSync } from 'node:fs';
import { run, ImageFailure } from '../run.ts';

/**
 * Writes the modules that the services' programs import as JavaScript, with source maps, into `dir`, at the
 * paths of their sources. Types are checked by `npm run check`.
 */
export async function compile(
  services: readonly ServiceName[],
  dir: string,
  signal: AbortSignal,
): Promise<void> {
  const programs = await Promise.all(services.map(programsOf));
  const config = path.join(dir, 'tsconfig.json');
  await writeFile(config, JSON.stringify(compilerConfig(programs.flat(), dir)));
  const tsc = path.join(repositoryRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  await run('compiling', [process.execPath, tsc, '-p', config], { signal });
}

function compilerConfig(files: readonly string[], outDir: string): unknown {
  return {
    extends: path.join(repositoryRoot, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      noCheck: true,
      types: [],
      rootDir: repositoryRoot,
      outDir,
      rewriteRelativeImportExtensions: true,
      sourceMap: true,
      // Stack traces then name a source by its path in the repository.
      sourceRoot: '/',
      // Below node_modules our packages would count as external and not be written.
      paths: { '@mysmtp/*': [path.join(repositoryRoot, 'packages', '*', 'src', 'index.ts')] },
    },
    include: [],
    files,
  };
}

/** The sources of a service's programs: `programs` in its package.json, each `src/NAME.ts`. */
async function programsOf(service: ServiceName): Promise<string[]> {
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
