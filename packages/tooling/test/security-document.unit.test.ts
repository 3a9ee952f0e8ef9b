import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

let rows: string[];
beforeAll(async () => {
  const document = await readFile(path.join(root, 'docs/security.md'), 'utf8');
  rows = document.split(/^## /m).slice(1);
});

/** The titles of tests; the title of `test.each` follows its table. */
const titlesIn = (source: string): string[] =>
  [...source.matchAll(/(?:\btest|\))\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs)].map(
    ([, , title = '']) => title,
  );

test('every row of docs/security.md names its tests, and each of them exists', async () => {
  expect(rows.map((row) => Number.parseInt(row, 10))).toEqual([
    5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20,
  ]);
  for (const row of rows) {
    const named = [...row.matchAll(/^- `(.+?)`: (.+)$/gm)];
    expect(named.length, row).toBeGreaterThan(0);
    for (const [, file = '', title = ''] of named) {
      expect(file).toMatch(/\.test\.ts$/);
      const source = await readFile(path.join(root, file), 'utf8');
      const found = titlesIn(source).some((text) => text.includes(title));
      expect([file, title, found]).toEqual([file, title, true]);
    }
  }
});
