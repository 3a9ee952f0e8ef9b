import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { StackDescription } from '@mysmtp/local-stack';
import { everyDocument } from './documents.ts';
import { createFinder } from './find.ts';

/** The file in which a text was found, and its form. */
export interface Hit {
  readonly place: string;
  readonly text: string;
  readonly form: string;
}

/** Searches every file below these folders for these texts in every form. A file may disappear meanwhile. */
export async function searchFiles(
  folders: readonly string[],
  texts: readonly string[],
): Promise<Hit[]> {
  const find = createFinder(texts);
  const hits: Hit[] = [];
  for (const folder of folders) {
    for (const file of await filesBelow(folder)) {
      const octets = await readFile(file).catch(unlessGone);
      if (octets !== undefined)
        hits.push(...find(octets).map((found) => ({ place: file, ...found })));
    }
  }
  return hits;
}

/** Searches every document of every service likewise. */
export async function searchDocuments(
  description: StackDescription,
  texts: readonly string[],
): Promise<Hit[]> {
  const find = createFinder(texts);
  const hits: Hit[] = [];
  for await (const { place, octets } of everyDocument(description)) {
    hits.push(...find(octets).map((found) => ({ place, ...found })));
  }
  return hits;
}

/** An unreadable file was not searched, so it must not count as free of findings. */
function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
