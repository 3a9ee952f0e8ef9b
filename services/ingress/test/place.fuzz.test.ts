import { BlockList, isIPv6 } from 'node:net';
import { fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { placeOf } from '../src/smtp/place.ts';

fuzz(
  'an IPv4 address is its own place, also as a socket for both families tells it',
  [fc.ipV4()],
  (address) => {
    expect(placeOf(address)).toBe(address);
    expect(placeOf(`::ffff:${address}`)).toBe(address);
    expect(placeOf(`::FFFF:${address}`)).toBe(address);
  },
);

const groups = fc.array(fc.nat({ max: 0xff_ff }), { minLength: 8, maxLength: 8 });
const written = (all: readonly number[]) => all.map((one) => one.toString(16)).join(':');

/** As the kernel writes it (RFC 5952): what BlockList and URL agree on. */
const shortened = (address: string) => new URL(`http://[${address}]/`).hostname.slice(1, -1);

fuzz(
  'an IPv6 address counts with its /64, however it is written',
  [groups, groups, fc.boolean(), fc.array(fc.nat({ max: 7 }), { maxLength: 6 })],
  (all, others, isNear, zeros) => {
    const one = all.map((value, at) => (zeros.includes(at) ? 0 : value));
    const other = isNear ? [...one.slice(0, 4), ...others.slice(4)] : others;
    const [a, b] = [shortened(written(one)), shortened(written(other))];
    // Those are IPv4.
    if ([one, other].some((each) => each.slice(0, 5).every((value) => value === 0))) return;
    expect(isIPv6(a)).toBe(true);
    const net = new BlockList();
    net.addSubnet(a, 64, 'ipv6');
    expect(placeOf(a) === placeOf(b)).toBe(net.check(b, 'ipv6'));
    expect(placeOf(a.toUpperCase())).toBe(placeOf(a));
  },
  1_000,
);
