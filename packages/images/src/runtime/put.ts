import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Writes a file of a root file system, and the folders above it. */
export async function put(root: string, file: string, content: string): Promise<void> {
  await writeFile(await placeFor(root, file), content);
}

/** Copies a file into a root file system; of a link, what it leads to. */
export async function putCopy(root: string, file: string, from: string): Promise<void> {
  await copyFile(from, await placeFor(root, file));
}

async function placeFor(root: string, file: string): Promise<string> {
  const place = path.join(root, file);
  await mkdir(path.dirname(place), { recursive: true });
  return place;
}
