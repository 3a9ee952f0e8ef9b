import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from '@mysmtp/tooling';
import { rolldown } from 'rolldown';
import { ImageFailure } from '../run.ts';

/**
 * Bundles the compiled packages that have `bundle` in their package.json: one file with the used parts of
 * their libraries, instead of the output of `compile`. The libraries are development dependencies of such a
 * package, so pnpm does not deploy them.
 */
export async function bundle(compiled: string): Promise<void> {
  for (const name of await readdir(path.join(compiled, 'packages'))) {
    const folder = path.join(repositoryRoot, 'packages', name);
    const manifest = await readFile(path.join(folder, 'package.json'), 'utf8');
    if ((JSON.parse(manifest) as { bundle?: boolean }).bundle !== true) continue;
    await bundlePackage(folder, path.join(compiled, 'packages', name, 'src'));
  }
}

async function bundlePackage(folder: string, into: string): Promise<void> {
  await rm(into, { recursive: true });
  await using build = await rolldown({
    input: path.join(folder, 'src', 'index.ts'),
    // With another folder, comments in the bundle would name the folders of this machine.
    cwd: repositoryRoot,
    platform: 'node',
    // An unused module is left out, even if it has side effects when it is loaded.
    treeshake: { moduleSideEffects: false },
  });
  const { output } = await build.write({ file: path.join(into, 'index.js'), format: 'esm' });
  const modules = output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
  await nameLibraries(modules, path.join(into, 'libraries'));
}

const inLibrary = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/;
const licence = /^licen[cs]e(\.|-|$)/i;

/** The licence of each bundled library, and its package.json, by which scanners identify it. */
async function nameLibraries(modules: readonly string[], into: string): Promise<void> {
  const found = modules.map((module) => inLibrary.exec(module)).filter((match) => match !== null);
  for (const [library, [, name]] of new Map(found.map((match) => [match[0], match]))) {
    const files = await readdir(library);
    const text = files.find((file) => licence.test(file));
    if (text === undefined) throw new ImageFailure(`${library} has no file with its licence`);
    const to = path.join(into, name ?? '');
    await mkdir(to, { recursive: true });
    for (const file of ['package.json', text]) {
      await copyFile(path.join(library, file), path.join(to, file));
    }
  }
}
