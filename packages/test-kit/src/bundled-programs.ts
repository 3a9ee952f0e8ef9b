import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { serviceNames } from '@mysmtp/contracts';
import { repositoryRoot } from '@mysmtp/tooling';
import { rolldown, type Plugin } from 'rolldown';

/**
 * Bundles the programs of all services into `dir`, at SERVICE/NAME.mjs. A bundle starts in half the time of
 * the sources: these are hundreds of files, which Node finds, reads, and strips of their types at each start.
 */
export async function bundlePrograms(dir: string): Promise<void> {
  const input = await Promise.all(
    serviceNames.map(async (service) => {
      const folder = path.join(repositoryRoot, 'services', service);
      const manifest = await readFile(path.join(folder, 'package.json'), 'utf8');
      const { programs } = JSON.parse(manifest) as { programs: readonly string[] };
      return programs.map((name): [string, string] => [
        `${service}/${name}`,
        path.join(folder, 'src', `${name}.ts`),
      ]);
    }),
  );
  await using build = await rolldown({
    input: Object.fromEntries(input.flat()),
    cwd: repositoryRoot,
    platform: 'node',
    resolve: { conditionNames: ['mysmtp-source'] },
    plugins: [nativeCodeStays],
    onLog: (level, log, report) => {
      // Optional libraries of the MongoDB driver, which are not installed.
      if (log.code !== 'UNRESOLVED_IMPORT') report(level, log);
    },
  });
  await build.write({
    dir,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: 'shared/[hash].mjs',
  });
}

/** A library with native code finds it beside its own files. */
const nativeCodeStays: Plugin = {
  name: 'native-code-stays',
  resolveId: {
    filter: { id: /^@node-rs\// },
    async handler(source, importer, options) {
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      return found === null ? null : { id: found.id, external: 'absolute' };
    },
  },
};
