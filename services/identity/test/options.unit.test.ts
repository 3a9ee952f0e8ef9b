import { UsageError } from '@mysmtp/command-line';
import { expect, test } from 'vitest';
import { readOptions } from '../src/bootstrap/options.ts';

const good = ['--tenant', 'Demo', '--owner', 'owner@example.org', '--domain', 'Example.org'];

test('the options of the bootstrap command', () => {
  expect(readOptions([...good, '--network', '192.0.2.0/24'])).toEqual({
    tenant: 'Demo',
    owner: 'owner@example.org',
    domain: 'example.org',
    network: '192.0.2.0/24',
    withoutDns: false,
  });
  expect(readOptions([...good, '--without-dns'])).toMatchObject({ withoutDns: true });
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

test.each([
  [[...good, '--ownr=someone@example.net']],
  [[...good, '--owner', '<someone@example.net> x']],
  [[...good, '--network', 'someone@example.net']],
  [[...good, 'someone@example.net']],
])('no value is quoted, for the output of a Job is logged: %j', (args) => {
  expect(() => readOptions(args)).toThrow(UsageError);
  expect(() => readOptions(args)).not.toThrow('someone@example.net');
});
