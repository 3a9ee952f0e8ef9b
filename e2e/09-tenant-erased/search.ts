import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { StackFacts } from '@mysmtp/local-stack';
import { everyDocument } from './documents.ts';
import { formsOf, type Form } from './forms.ts';

/** Where a text was found, and in which form. */
export interface Hit {
  readonly place: string;
  readonly text: string;
  readonly form: string;
}

/** Searches every file below these folders for these texts in every form. A file may vanish meanwhile. */
export async function searchFiles(
  folders: readonly string[],
  texts: readonly string[],
): Promise<Hit[]> {
  const search = searchFor(texts);
  const hits: Hit[] = [];
  for (const folder of folders) {
    for (const file of await filesBelow(folder)) {
      hits.push(...search(file, await readFile(file).catch(() => Buffer.alloc(0))));
    }
  }
  return hits;
}

/** Searches every document of every service likewise. */
export async function searchDocuments(facts: StackFacts, texts: readonly string[]): Promise<Hit[]> {
  const search = searchFor(texts);
  const hits: Hit[] = [];
  for await (const { place, octets } of everyDocument(facts)) hits.push(...search(place, octets));
  return hits;
}

function searchFor(texts: readonly string[]): (place: string, octets: Buffer) => Hit[] {
  const wanted = texts.map((text) => [text, formsOf(text)] as const);
  return (place, octets) =>
    wanted.flatMap(([text, forms]) =>
      formsIn(octets, forms).map((form) => ({ place, text, form })),
    );
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
