import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ImageFailure, needed, run } from '../run.ts';
import { putCopy } from './put.ts';

/** Copies the shared libraries of `program`, and their loader, from unpacked packages. */
export async function layLibraries(program: string, unpacked: string, into: string) {
  const ldd = await needed('ldd', 'it names the libraries that Node links to');
  const places = librariesOf(await run('asking what Node links to', [ldd, program]));
  const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
  for (const place of places) {
    const name = path.basename(place);
    const files = entries.filter((entry) => entry.name === name);
    const paths = files.map((entry) => path.join(entry.parentPath, name));
    const library = await firstInside(unpacked, paths);
    if (library === undefined) {
      throw new ImageFailure(`Node links to ${name}, which no package of the image brings`);
    }
    await putCopy(into, place, library);
  }
}

/**
 * Parses ldd's output for a program: the paths of its shared libraries and their loader. An entry without a
 * path is provided by the kernel (linux-vdso).
 */
export function librariesOf(ldd: string): string[] {
  return ldd.split('\n').flatMap((line) => {
    const [name = '', found = name] = line.trim().split(' => ');
    if (found.startsWith('not found')) {
      throw new ImageFailure(`Node links to ${name}, which is not on this machine`);
    }
    const place = found.split(' ')[0] ?? '';
    return place.startsWith('/') ? [place] : [];
  });
}

/** An absolute link points out of the unpacked packages, to this machine's own file. */
async function firstInside(folder: string, files: readonly string[]): Promise<string | undefined> {
  const real = await Promise.all(files.map((file) => realpath(file).catch(() => '')));
  return real.find((file) => file.startsWith(`${folder}${path.sep}`));
}
