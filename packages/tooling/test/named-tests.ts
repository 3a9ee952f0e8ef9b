import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

/** The text of a document of the repository. */
export const documentAt = (file: string): Promise<string> =>
  readFile(path.join(root, file), 'utf8');

/** The titles of tests; the title of `test.each` follows its table. */
const titlesIn = (source: string): string[] =>
  [...source.matchAll(/(?:\btest|\))\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs)].map(
    ([, , title = '']) => title,
  );

/** Checks that a part of a document names tests, as `- FILE: a part of the title`, and that each of them exists. */
export async function expectNamedTests(row: string): Promise<void> {
  const named = [...row.matchAll(/^- `(.+?)`: (.+)$/gm)];
  expect(named.length, row).toBeGreaterThan(0);
  for (const [, file = '', title = ''] of named) {
    // Or a part of a test file, in a folder of its own.
    expect(file).toMatch(/\.test\.ts$|\/test\/accounts\/[\w-]+\.ts$/);
    const found = titlesIn(await documentAt(file)).some((text) => text.includes(title));
    expect([file, title, found]).toEqual([file, title, true]);
  }
}
