import { expect, test } from 'vitest';
import { isWithin, overlap, refusalOf } from '../src/schemas/network.ts';

test.each([
  '192.0.2.0/24',
  '192.0.2.7/32',
  '10.0.0.0/8',
  '127.0.0.1/32',
  '2001:db8::/32',
  '2001:db8::1/128',
])('%s is a network', (cidr) => {
  expect(refusalOf(cidr)).toBeUndefined();
});

test.each(['0.0.0.0/0', '10.0.0.0/7', '::/0', '2001::/15'])('%s is too large', (cidr) => {
  expect(refusalOf(cidr)).toContain('must not be wider');
});

test.each(['::ffff:192.0.2.0/120', '::ffff:c000:200/128', '::/16', '::ffff:0:0/95'])(
  '%s would be a second notation of IPv4',
  (cidr) => {
    expect(refusalOf(cidr)).toBe('must be written as IPv4');
  },
);

test.each([
  '192.0.2.0',
  '192.0.2/24',
  '192.0.2.0/33',
  '192.0.2.0/024',
  '192.0.2.0/24/8',
  '0300.0.2.0/24',
  'fe80::1%eth0/64',
  '2001:db8::/129',
  'example.org/24',
  '192.0.2.0/-1',
  '192.0.2.0/ 24',
  '',
])('%j is no network', (cidr) => {
  expect(refusalOf(cidr)).toContain('must be a network');
});

test.each([
  ['192.0.2.0/24', '192.0.2.0/24', true],
  ['192.0.2.0/24', '192.0.2.128/25', true],
  ['192.0.2.7/32', '192.0.0.0/16', true],
  ['192.0.2.77/24', '192.0.2.5/32', true],
  ['192.0.2.0/25', '192.0.2.128/25', false],
  ['2001:db8::/32', '2001:DB8:1::/48', true],
  ['2001:db8::/33', '2001:db8:8000::/33', false],
  ['10.0.0.0/8', '2001:db8::/32', false],
])('%s and %s overlap: %s, in either order', (one, other, expected) => {
  expect(overlap(one, other)).toBe(expected);
  expect(overlap(other, one)).toBe(expected);
});

test.each([
  ['192.0.2.0/24', '192.0.2.0/24', true],
  ['192.0.2.128/25', '192.0.2.0/24', true],
  ['192.0.2.7/32', '192.0.2.0/24', true],
  ['192.0.2.0/23', '192.0.2.0/24', false],
  ['192.0.3.0/24', '192.0.2.0/24', false],
  ['2001:db8:1::/48', '2001:db8::/32', true],
  ['2001:db8::/32', '2001:db8:1::/48', false],
  ['192.0.2.7/32', '2001:db8::/32', false],
  ['no network', '192.0.2.0/24', false],
])('%s is within %s: %s', (inner, outer, expected) => {
  expect(isWithin(inner, outer)).toBe(expected);
});
