import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ServiceName } from '@mysmtp/contracts';
import { repositoryRoot } from '@mysmtp/tooling';
import { programsOf } from './programs.ts';
import { run } from '../run.ts';

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
