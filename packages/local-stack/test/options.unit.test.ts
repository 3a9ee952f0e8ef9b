import { UsageError } from '@mysmtp/command-line';
import { expect, test } from 'vitest';
import { parseOptions } from '../src/stack/options.ts';

test('without arguments the folder of the stack is .mysmtp and its data is kept', () => {
  expect(parseOptions([])).toEqual({ dir: '.mysmtp', fresh: false, dev: false });
});

test('all options', () => {
  const argv = ['--fresh', '--smarthost', '[::1]:25', '--network', '10.0.0.0/8', '--dir', 'x'];
  expect(parseOptions(argv)).toEqual({
    dir: 'x',
    fresh: true,
    dev: false,
    smarthost: '[::1]:25',
    network: '10.0.0.0/8',
  });
});

test.each([
  ['--nonsense'],
  ['--smarthost', 'nowhere'],
  ['--network', '10.0.0.0'],
  ['--network', '10.0.0.0/33'],
  ['--network', 'fe80::/129'],
  ['word'],
])('%s %s is refused with a reason', (...argv) => {
  expect(() => parseOptions(argv)).toThrow(UsageError);
});

test('--help requests only the usage', () => {
  expect(() => parseOptions(['--help'])).toThrow(expect.objectContaining({ exitCode: 0 }));
});
