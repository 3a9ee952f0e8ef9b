import { BlockList, isIPv6 } from 'node:net';
import { fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { clientNetworksOf } from '../src/client-networks.ts';

const namesOf = (address: string) => clientNetworksOf(address).map(({ name }) => name);

fuzz(
  'an IPv4 address is its own network, also if a dual-stack socket reports it',
  [fc.ipV4()],
  (address) => {
    expect(namesOf(address)).toEqual([address]);
    expect(namesOf(`::ffff:${address}`)).toEqual([address]);
    expect(namesOf(`::FFFF:${address}`)).toEqual([address]);
  },
);

const groups = fc.array(fc.nat({ max: 0xff_ff }), { minLength: 8, maxLength: 8 });
const written = (all: readonly number[]) => all.map((one) => one.toString(16)).join(':');

/** As the kernel writes it (RFC 5952); BlockList and URL use the same form. */
const shortened = (address: string) => new URL(`http://[${address}]/`).hostname.slice(1, -1);

fuzz(
  'an IPv6 address counts with its /64 and its /48, however it is written',
  [groups, groups, fc.constantFrom(0, 3, 4), fc.array(fc.nat({ max: 7 }), { maxLength: 6 })],
  (all, others, near, zeros) => {
    const one = all.map((value, at) => (zeros.includes(at) ? 0 : value));
    const other = near === 0 ? others : [...one.slice(0, near), ...others.slice(near)];
    const [a, b] = [shortened(written(one)), shortened(written(other))];
    // Those are IPv4.
    if ([one, other].some((each) => each.slice(0, 5).every((value) => value === 0))) return;
    expect(isIPv6(a)).toBe(true);
    for (const [at, prefix] of [64, 48].entries()) {
      const net = new BlockList();
      net.addSubnet(a, prefix, 'ipv6');
      expect(namesOf(a)[at] === namesOf(b)[at]).toBe(net.check(b, 'ipv6'));
    }
    expect(namesOf(a.toUpperCase())).toEqual(namesOf(a));
  },
  1_000,
);
