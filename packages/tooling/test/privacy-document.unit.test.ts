import { expect, test } from 'vitest';
import { documentAt, expectNamedTests } from './named-tests.ts';

test('docs/privacy.md names the tests of the audit log and of each rule of detection, and each of them exists', async () => {
  const [, section = ''] = (await documentAt('docs/privacy.md')).split(
    /^## Audit log and detection: the tests$/m,
  );
  const rows = section.split(/^## /m)[0]!.split(/^### /m).slice(1);
  expect(rows.length).toBeGreaterThan(8);
  for (const row of rows) await expectNamedTests(row);
  const named = [...section.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name);
  const decision = await documentAt('docs/decisions/detection.md');
  const rules = [...decision.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
  expect(rules.length).toBeGreaterThan(12);
  expect(rules.filter((rule) => !named.includes(rule))).toEqual([]);
});

test('docs/privacy.md names the tests of each right and of erasure, and each of them exists', async () => {
  const [, section = ''] = (await documentAt('docs/privacy.md')).split(
    /^## Rights and erasure: the tests$/m,
  );
  const rows = section.split(/^## /m)[0]!.split(/^### /m).slice(1);
  expect(rows.length).toBeGreaterThan(15);
  for (const row of rows) await expectNamedTests(row);
});
