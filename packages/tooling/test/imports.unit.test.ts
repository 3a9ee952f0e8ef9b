import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../src/index.ts';

test('the installer of the workspace imports nothing from node_modules', async () => {
  const files = globSync(['tools/*', 'packages/tooling/src/**/*.ts'], { cwd: repositoryRoot });
  expect(files).toContain('packages/tooling/src/install.ts');
  expect(files).toContain('tools/run.js');
  for (const file of files) {
    const text = await readFile(path.join(repositoryRoot, file), 'utf8');
    for (const [, name] of text.matchAll(/from '([^']+)'/g))
      expect(name, file).toMatch(/^(node:|\.)/);
  }
});
