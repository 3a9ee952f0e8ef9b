import { isIP } from 'node:net';
import { fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { NetworkCidr, overlap, refusalOf } from '../src/schemas/network.ts';

interface Network {
  readonly cidr: string;
  /** The address as one number. */
  readonly value: bigint;
  readonly length: 32 | 128;
  readonly prefix: number;
}

const ipv4 = fc.tuple(fc.ipV4(), fc.nat({ max: 32 })).map(([address, prefix]): Network => ({
  cidr: `${address}/${String(prefix)}`,
  value: BigInt(
    `0x${address
      .split('.')
      .map((part) => Number(part).toString(16).padStart(2, '0'))
      .join('')}`,
  ),
  length: 32,
  prefix,
}));
const group = fc.oneof(fc.nat({ max: 0xff_ff }), fc.constantFrom(0, 1, 0xff_ff));
const ipv6 = fc
  .tuple(fc.array(group, { minLength: 8, maxLength: 8 }), fc.nat({ max: 128 }))
  .map(([groups, prefix]): Network => ({
    cidr: `${groups.map((one) => one.toString(16)).join(':')}/${String(prefix)}`,
    value: BigInt(`0x${groups.map((one) => one.toString(16).padStart(4, '0')).join('')}`),
    length: 128,
    prefix,
  }));
const network = fc.oneof(ipv4, ipv6);

/** Two networks overlap if they are equal up to the shorter prefix. */
function sharesPrefix(one: Network, other: Network): boolean {
  if (one.length !== other.length) return false;
  const rest = BigInt(one.length - Math.min(one.prefix, other.prefix));
  return one.value >> rest === other.value >> rest;
}

/** A network that shares most bits with another one, so that both results occur. */
const pair = fc
  .tuple(network, fc.nat({ max: 128 }), fc.nat({ max: 127 }))
  .map(([one, prefix, bit]): [Network, Network] => {
    const value = one.value ^ (1n << BigInt(bit % one.length));
    const hex = value.toString(16).padStart(one.length / 4, '0');
    const address =
      one.length === 32
        ? [0, 2, 4, 6].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.')
        : [0, 4, 8, 12, 16, 20, 24, 28].map((at) => hex.slice(at, at + 4)).join(':');
    const length = prefix % (one.length + 1);
    return [
      one,
      { cidr: `${address}/${String(length)}`, value, length: one.length, prefix: length },
    ];
  });

fuzz(
  'two networks overlap if their common prefix is equal, in either order',
  [fc.oneof(pair, fc.tuple(network, network))],
  ([one, other]) => {
    expect(overlap(one.cidr, other.cidr)).toBe(sharesPrefix(one, other));
    expect(overlap(other.cidr, one.cidr)).toBe(sharesPrefix(one, other));
  },
  1_000,
);

fuzz(
  'a network is accepted if it is not too large and not IPv4 written as IPv6',
  [network],
  (given) => {
    const isWide = given.prefix < (given.length === 32 ? 8 : 16);
    const isMapped =
      given.length === 128 &&
      sharesPrefix(given, { ...given, value: 0xff_ff_00_00_00_00n, prefix: 96 });
    expect(refusalOf(given.cidr) === undefined).toBe(!isWide && !isMapped);
  },
);

const text = fc.oneof(
  fc.string(),
  fc
    .array(
      fc.constantFrom('1', '0', '.', ':', '/', '::', '255', 'ffff', '%', ' ', '-', '\n', '٣'),
      { maxLength: 20 },
    )
    .map((p) => p.join('')),
  fc
    .tuple(network, fc.string({ maxLength: 2 }), fc.nat({ max: 40 }))
    .map(([{ cidr }, more, at]) => cidr.slice(0, at) + more + cidr.slice(at)),
);

fuzz(
  'any text is a network in its canonical form, or is refused',
  [text],
  (text) => {
    expect(NetworkCidr.safeParse(text).success).toBe(
      text.length <= 64 && refusalOf(text) === undefined,
    );
    if (refusalOf(text) !== undefined) return;
    const [address = '', prefix = '', ...more] = text.split('/');
    expect(isIP(address)).not.toBe(0);
    expect(String(Number(prefix))).toBe(prefix);
    expect(more).toEqual([]);
    expect(overlap(text, text)).toBe(true);
  },
  1_000,
);
