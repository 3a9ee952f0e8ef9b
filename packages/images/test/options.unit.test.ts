import { UsageError } from '@mysmtp/command-line';
import { serviceNames } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { parseOptions } from '../src/options.ts';

test('with only a folder all services are built', () => {
  expect(parseOptions(['--out', 'x'])).toEqual({ target: { out: 'x' }, services: serviceNames });
});

test('all options', () => {
  const argv = ['--context', 'x', '--service', 'privacy', '--service', 'ingress'];
  argv.push('--service', 'privacy', '--base', 'a/b:1', '--tag', 'v1.2', '--builder', 'docker');
  expect(parseOptions(argv)).toEqual({
    target: { context: 'x' },
    services: ['privacy', 'ingress'],
    base: 'a/b:1',
    tag: 'v1.2',
    builder: 'docker',
  });
});

test.each([
  ['nothing'],
  ['--out', 'x', '--context', 'y'],
  ['--out', 'x', '--nonsense'],
  ['--out', 'x', '--service', 'console'],
  ['--out', 'x', '--builder', 'kaniko'],
  ['--out', 'x', '--tag', 'a b'],
  ['--out', 'x', 'word'],
])('%s %s %s %s is refused with a reason', (...argv) => {
  const words = argv[0] === 'nothing' ? [] : argv;
  expect(() => parseOptions(words)).toThrow(UsageError);
});

test('--help requests only the usage', () => {
  expect(() => parseOptions(['--help'])).toThrow(expect.objectContaining({ exitCode: 0 }));
});
