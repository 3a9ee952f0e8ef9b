import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CodedError, errorCodes } from '../src/index.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** The code of services. Commands and tools report errors to their user. */
const packages = [
  'broker',
  'contracts',
  'erasure',
  'http',
  'keys',
  'projection',
  'seal',
  'service',
  'signed',
  'tenancy',
];
const sources = globSync([
  path.join(root, 'services/*/src/**/*.ts'),
  path.join(root, `packages/{${packages.join(',')}}/src/**/*.ts`),
])
  .filter((file) => !file.endsWith('error-codes.ts'))
  .map((file) => ({ file: path.relative(root, file), text: readFileSync(file, 'utf8') }));

test('each error code is used', () => {
  // `publish_` is followed by the kind of a PublishError.
  const words = sources.flatMap(({ text }) => text.match(/'\w+'/g) ?? []);
  const used = new Set(words.flatMap((word) => [word, `'publish_${word.slice(1, -1)}'`]));
  expect(Object.keys(errorCodes).filter((code) => !used.has(`'${code}'`))).toEqual([]);
});

test('each error has a code', () => {
  expect(sources.length).toBeGreaterThan(200);
  const plain = sources.filter(({ text }) => text.includes('throw new Error('));
  expect(plain.map(({ file }) => file)).toEqual([]);
});

test('a code is one word, and its meaning one or more sentences', () => {
  for (const [code, meaning] of Object.entries(errorCodes)) {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(meaning).toMatch(/^[A-Z].+\.$/);
  }
});

test('an error of our own has its code', () => {
  const cause = new Error('why');
  const error = new CodedError('root_lost', 'The vault has lost it', { cause });
  expect(error).toMatchObject({ name: 'CodedError', code: 'root_lost', cause });
});
