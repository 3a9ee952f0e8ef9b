import { readFile, rename, writeFile } from 'node:fs/promises';

/** Reads a file of secrets (JSON, mode 0600), or creates it with `make` if it is missing. */
export async function readOrMake<T>(file: string, make: () => T | Promise<T>): Promise<T> {
  const present = await readPrivate<T>(file);
  if (present !== undefined) return present;
  const made = await make();
  await writePrivate(file, made);
  return made;
}

export async function readPrivate<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

/** The start of validity of a new key (`nbf`, NumericDate). */
export const secondsNow = (): number => Math.floor(Date.now() / 1_000);

let writes = 0;

/** Writes JSON with mode 0600. The file is either complete or absent. */
export async function writePrivate(file: string, value: unknown): Promise<void> {
  const staging = `${file}.${String(process.pid)}.${String((writes += 1))}.tmp`;
  await writeFile(staging, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(staging, file);
}
