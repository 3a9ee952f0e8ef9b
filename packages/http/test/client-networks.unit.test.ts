import { expect, test } from 'vitest';
import { clientNetworksOf, usualNetworkOf } from '../src/client-networks.ts';

const namesOf = (address: string) => clientNetworksOf(address).map(({ name }) => name);

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
])('%s counts as %s', (address, place) => {
  expect(namesOf(address)).toEqual([place]);
});

test.each([
  ['2001:db8::1', '2001:db8:0:0::/64', '2001:db8:0::/48'],
  ['2001:DB8:0:0:1:2:3:4', '2001:db8:0:0::/64', '2001:db8:0::/48'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['2001:db8::2:0:0:0:1', '2001:db8:0:2::/64', '2001:db8:0::/48'],
  ['::1', '0:0:0:0::/64', '0:0:0::/48'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64', 'fe80:0:0::/48'],
])('%s counts as %s and as %s', (address, ...places) => {
  expect(namesOf(address)).toEqual(places);
});

test.each([
  ['192.0.2.77', '192.0.2.0/24'],
  ['::ffff:192.0.2.77', '192.0.2.0/24'],
  ['2001:db8:1:2::3', '2001:db8:1::/48'],
  ['', ''],
])('%j is usually in %j', (address, network) => {
  expect(usualNetworkOf(address)).toBe(network);
});
