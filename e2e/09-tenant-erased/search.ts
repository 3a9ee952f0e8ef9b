import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { formsOf, type Form } from './forms.ts';

/** Where a text was found, and in which form. */
export interface Hit {
  readonly file: string;
  readonly text: string;
  readonly form: string;
}

/** Searches every file below these folders for these texts in every form. A file may vanish meanwhile. */
export async function searchFiles(
  folders: readonly string[],
  texts: readonly string[],
): Promise<Hit[]> {
  const wanted = texts.map((text) => [text, formsOf(text)] as const);
  const hits: Hit[] = [];
  for (const folder of folders) {
    for (const file of await filesBelow(folder)) {
      const octets = await readFile(file).catch(() => Buffer.alloc(0));
      for (const [text, forms] of wanted) {
        for (const form of formsIn(octets, forms)) hits.push({ file, text, form });
      }
    }
  }
  return hits;
}

/** The forms that stand in these octets. */
export const formsIn = (octets: Buffer, forms: readonly Form[]): string[] =>
  forms.filter((form) => octets.includes(form.octets)).map(({ name }) => name);

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
