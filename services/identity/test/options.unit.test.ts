import { expect, test } from 'vitest';
import { readOptions, UsageError } from '../src/bootstrap/options.ts';

const good = ['--tenant', 'Demo', '--owner', 'owner@example.org', '--domain', 'Example.org'];

test('the options of the bootstrap command', () => {
  expect(readOptions([...good, '--network', '192.0.2.0/24'])).toEqual({
    tenant: 'Demo',
    owner: 'owner@example.org',
    domain: 'example.org',
    network: '192.0.2.0/24',
  });
});

test.each([
  ['--tenant', []],
  ['--owner', [...good, '--owner', 'nobody']],
  ['--domain', [...good, '--domain', 'localhost']],
  ['--network', [...good, '--network', '0.0.0.0/0']],
  ['--fresh', [...good, '--fresh']],
])('what is wrong is named: %s', (named, args) => {
  expect(() => readOptions(args)).toThrow(UsageError);
  expect(() => readOptions(args)).toThrow(named);
});
