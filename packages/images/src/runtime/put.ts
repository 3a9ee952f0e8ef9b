import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Writes a file of a root file system, and its parent folders. */
export async function put(root: string, file: string, content: string): Promise<void> {
  await writeFile(await placeFor(root, file), content);
}

/** Copies a file into a root file system; for a link, its target. */
export async function putCopy(root: string, file: string, from: string): Promise<void> {
  await copyFile(from, await placeFor(root, file));
}

async function placeFor(root: string, file: string): Promise<string> {
  const place = path.join(root, file);
  await mkdir(path.dirname(place), { recursive: true });
  return place;
}
