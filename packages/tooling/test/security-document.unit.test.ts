import { expect, test } from 'vitest';
import { documentAt, expectNamedTests } from './named-tests.ts';

test('every row of docs/security.md names its tests, and each of them exists', async () => {
  const rows = (await documentAt('docs/security.md')).split(/^## /m).slice(1);
  expect(rows.map((row) => Number.parseInt(row, 10))).toEqual([
    5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20,
  ]);
  for (const row of rows) await expectNamedTests(row);
});
