import { readFile, rename, writeFile } from 'node:fs/promises';

/** Reads a file of secrets (JSON, mode 0600), or makes it with `make` when there is none yet. */
export async function readOrMake<T>(file: string, make: () => T | Promise<T>): Promise<T> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined) return JSON.parse(text) as T;
  const made = await make();
  await writePrivate(file, made);
  return made;
}

/** Writes JSON with mode 0600: the file is complete or it is not there. */
export async function writePrivate(file: string, value: unknown): Promise<void> {
  const staging = `${file}.${String(process.pid)}.tmp`;
  await writeFile(staging, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(staging, file);
}
