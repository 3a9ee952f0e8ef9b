import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { writeOrCheck } from '../src/generated.ts';

const { argv } = process;
let dir: string;
let said: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-generated-'));
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.argv = argv;
  process.exitCode = undefined;
  await rm(dir, { recursive: true });
});

const at = (name: string) => path.join(dir, name);

test('files that differ are written, also into new folders', async () => {
  await writeFile(at('old'), 'before');
  await writeOrCheck('the test', [
    { file: at('old'), text: 'after' },
    { file: at('new/file'), text: 'made' },
  ]);
  expect(await readFile(at('old'), 'utf8')).toBe('after');
  expect(await readFile(at('new/file'), 'utf8')).toBe('made');
  expect([said, process.exitCode]).toEqual(['', undefined]);
});

test('--check names outdated files and writes nothing', async () => {
  process.argv = [...argv, '--check'];
  await writeFile(at('same'), 'text');
  await writeFile(at('old'), 'before');
  await writeOrCheck('the test', [
    { file: at('same'), text: 'text' },
    { file: at('old'), text: 'after' },
    { file: at('missing'), text: 'made' },
  ]);
  expect(await readFile(at('old'), 'utf8')).toBe('before');
  expect(said).toMatch(/old does not match the test\.\nWrite it again[^]*missing does not match/);
  expect(said).not.toContain('same');
  expect(process.exitCode).toBe(1);
});

test('a frozen file is written once, and then never', async () => {
  const frozen = 'Raise the version.';
  await writeOrCheck('the test', [{ file: at('1.json'), text: 'one', frozen }]);
  expect(process.exitCode).toBeUndefined();
  await writeOrCheck('the test', [{ file: at('1.json'), text: 'two', frozen }]);
  expect(await readFile(at('1.json'), 'utf8')).toBe('one');
  expect(said).toContain(frozen);
  expect(process.exitCode).toBe(1);
});
