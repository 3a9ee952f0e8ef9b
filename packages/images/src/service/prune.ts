import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** Types, sources and maps of external packages, and native code for another runtime than Node (Bare). */
const neverLoaded = /\.([cm]?ts|map|bare|tsbuildinfo)$/;
const tests = new Set(['test', 'tests', '__tests__']);

/** Removes files that Node never loads from external packages. Licences and read-mes stay. */
export async function prune(modules: string): Promise<void> {
  for (const entry of await readdir(modules, { withFileTypes: true })) {
    const file = path.join(modules, entry.name);
    // `.bin`, and pnpm's own metadata.
    if (entry.name.startsWith('.')) await rm(file, { recursive: true });
    else if (entry.name === '@mysmtp') await pruneBelow(file);
    else if (entry.name.startsWith('@')) await prune(file);
    else await prunePackage(file);
  }
}

/** Of our packages everything stays, except what is in their own node_modules. */
async function pruneBelow(packages: string): Promise<void> {
  const entries = await readdir(packages, { withFileTypes: true, recursive: true });
  for (const { name, parentPath } of entries) {
    const isOwn = path.dirname(parentPath) === packages && name === 'node_modules';
    if (isOwn) await prune(path.join(parentPath, name));
  }
}

async function prunePackage(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.name === 'node_modules') await prune(file);
    else if (entry.isDirectory() && tests.has(entry.name)) await rm(file, { recursive: true });
    else if (entry.isDirectory()) await pruneFiles(file);
    else if (neverLoaded.test(entry.name)) await rm(file);
  }
}

async function pruneFiles(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && neverLoaded.test(entry.name)) {
      await rm(path.join(entry.parentPath, entry.name));
    }
  }
}
