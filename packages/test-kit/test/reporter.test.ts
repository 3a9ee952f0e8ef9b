import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';

const vitest = path.join(
  path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);
const reporter = path.join(import.meta.dirname, '..', 'src', 'reporter.ts');

/** Runs vitest in a project of its own; returns the last line of its output and its exit code. */
async function run(files: Readonly<Record<string, string>>): Promise<[line: string, code: number]> {
  const root = await mkdtemp(path.join(tmpdir(), 'mysmtp-reporter-'));
  try {
    await mkdir(path.join(root, 'test'));
    const globalSetup = Object.keys(files).filter((name) => name.startsWith('setup'));
    const config = { test: { globals: true, reporters: [reporter], globalSetup } };
    await writeFile(
      path.join(root, 'vitest.config.js'),
      `export default ${JSON.stringify(config)};`,
    );
    await writeFile(path.join(root, 'package.json'), '{"type":"module"}');
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(root, name), text);
    return await new Promise((resolve) => {
      const child = execFile(process.execPath, [vitest, 'run', '--root', root], (_, stdout) =>
        resolve([stdout.trimEnd().split('\n').at(-1) ?? '', child.exitCode ?? -1]),
      );
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const passes = `test('passes', () => {});\n`;
const fails = `() => { throw new Error('by the test'); }`;
const late = `await new Promise((resolve) => setTimeout(resolve, 50));`;

test.each<[what: string, line: string, code: number, files: Record<string, string>]>([
  [
    'tests alone',
    '1 passed, 1 failed, 1 skipped',
    1,
    { 'a.test.js': `${passes}test('fails', ${fails}); test.skip('waits', ${fails});` },
  ],
  ['no failure', '1 passed, 0 failed, 0 skipped', 0, { 'a.test.js': passes }],
  [
    'an uncaught error',
    '1 passed, 1 failed, 0 skipped',
    1,
    { 'a.test.js': `test('passes', async () => { setTimeout(${fails}, 1); ${late} });` },
  ],
  [
    'two rejections that nothing handles',
    '1 passed, 2 failed, 0 skipped',
    1,
    {
      'a.test.js': `test('passes', async () => {
        void Promise.reject(new Error('one'));
        void Promise.reject(new Error('two'));
        ${late}
      });`,
    },
  ],
  [
    'a file that cannot be loaded',
    '1 passed, 1 failed, 0 skipped',
    1,
    { 'a.test.js': passes, 'b.test.js': `throw new Error('by the test');` },
  ],
  [
    'a hook of a file',
    '1 passed, 1 failed, 0 skipped',
    1,
    { 'a.test.js': `${passes}afterAll(${fails});` },
  ],
  [
    'a hook of a suite',
    '1 passed, 1 failed, 1 skipped',
    1,
    { 'a.test.js': `${passes}describe('suite', () => { beforeAll(${fails}); ${passes} });` },
  ],
  [
    'the global set-up',
    '0 passed, 1 failed, 0 skipped',
    1,
    { 'a.test.js': passes, 'setup.js': `export const setup = ${fails};` },
  ],
  [
    'the end of the global set-up',
    '1 passed, 1 failed, 0 skipped',
    1,
    { 'a.test.js': passes, 'setup.js': `export const setup = () => ${fails};` },
  ],
])('the closing line counts: %s', async (_what, line, code, files) => {
  expect(await run(files)).toEqual([line, code]);
});
