import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { isAllowedAddress } from '../src/allowed-address.ts';

test.each([
  '8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
  '2a00:1450::1',
  '2606:4700::1111',
  '64:ff9b::808:808',
])('%s is on the internet', (address) => {
  expect(isAllowedAddress(address, false)).toBe(true);
});

test.each([
  ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
  ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  ['link-local', '169.254.169.254', 'fe80::1', 'fe80::1%eth0'],
  ['carrier-grade NAT', '100.64.0.1', '100.127.255.255'],
  ['unique-local and site-local', 'fc00::1', 'fd12:3456::1', 'fec0::1'],
  ['protocol assignments', '192.0.0.1', '192.0.0.170', '2001::1', '2001:1::1', '2001:1ff::1'],
  ['benchmarking', '198.18.0.1', '198.19.255.255', '2001:2::1'],
  ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  ['6to4 relays, AS112, AMT', '192.88.99.1', '192.31.196.1', '192.175.48.1', '192.52.193.1'],
  ['AS112 and ORCHID of IPv6', '2620:4f:8000::1', '2001:4:112::1', '2001:10::1', '2001:20::1'],
  ['reserved', '240.0.0.1', '255.255.255.254', '4000::1', 'a000::1', 'fb00::1', '::2'],
  ['local-use NAT64', '64:ff9b:1::808:808', '64:ff9b:1:808:8:800::'],
])('%s: only if private MX are allowed', (_name, ...addresses) => {
  for (const address of addresses) {
    expect([address, isAllowedAddress(address, false)]).toEqual([address, false]);
    expect([address, isAllowedAddress(address, true)]).toEqual([address, true]);
  }
});

test.each([
  ['mapped', '::ffff:10.0.0.1', '::ffff:a00:1', '::ffff:127.0.0.1', '::ffff:c612:1'],
  ['compatible', '::10.0.0.1', '::a00:1', '::7f00:1', '::808:808'],
  ['translated', '::ffff:0:a00:1', '::ffff:0:808:808'],
  ['NAT64', '64:ff9b::10.0.0.1', '64:ff9b::a00:1', '64:ff9b::c000:1', '64:ff9b::a9fe:a9fe'],
  ['6to4', '2002:a00:1::1', '2002:7f00:1::1', '2002:808:808::1'],
  ['Teredo', '2001:0:a00:1::1', '2001:0:808:808:0:0:f5ff:fffe', '2001:0:808:808::f7f7:f7f7'],
])(
  'an IPv6 address that contains an IPv4 address does not lead into our own network: %s',
  (_name, ...all) => {
    for (const address of all)
      expect([address, isAllowedAddress(address, false)]).toEqual([address, false]);
  },
);

test('a mapped address on the internet is the IPv4 address', () => {
  expect(isAllowedAddress('::ffff:8.8.8.8', false)).toBe(true);
});

test.each([
  ['unspecified', '0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0', '64:ff9b::'],
  ['broadcast', '255.255.255.255', '::ffff:255.255.255.255'],
  ['multicast', '224.0.0.1', '239.255.255.255', 'ff02::1'],
  ['discard', '100::1'],
  ['segment routing', '5f00::1'],
  ['no address', 'mx.test', '127.1', '0x7f.1', '2130706433', '010.0.0.1', '', '1.2.3.4:25'],
])('never: %s', (_name, ...addresses) => {
  for (const address of addresses) {
    expect([address, isAllowedAddress(address, true)]).toEqual([address, false]);
    expect([address, isAllowedAddress(address, false)]).toEqual([address, false]);
  }
});

test('an address of our own, in every form: only if private MX are allowed', () => {
  const [loopback] = networkInterfaces()['lo'] ?? [];
  if (loopback === undefined) throw new Error('Every machine has a loopback interface');
  const interfaces = () => ({
    eth0: ['8.8.8.8', '2a00:1450:0:0::1'].map((address) => ({ ...loopback, address })),
  });
  for (const address of ['8.8.8.8', '64:ff9b::808:808', '::ffff:8.8.8.8', '2a00:1450::1']) {
    expect(isAllowedAddress(address, false, interfaces)).toBe(false);
    expect(isAllowedAddress(address, true, interfaces)).toBe(true);
  }
  expect(isAllowedAddress('8.8.4.4', false, interfaces)).toBe(true);
});

type Range = ReturnType<typeof ipaddr.parseCIDR>;

test('the chart’s NetworkPolicy allows exactly the addresses that are dialled', async () => {
  const blocks = await blocksOfPolicy();
  expect(blocks.length).toBe(3);
  const passes = (address: string) => {
    const parsed = ipaddr.parse(address);
    const isIn = (range: Range) => parsed.kind() === range[0].kind() && parsed.match(range);
    return blocks.some(({ cidr, except }) => isIn(cidr) && !except.some(isIn));
  };
  // All rules of both are ranges in this list, so their results change only at the edges.
  const ranges = [...blocks.flatMap(({ cidr, except }) => [cidr, ...except]), ...specialRanges()];
  const edges = [...new Set(ranges.flatMap(edgesOf))]
    // To the network, a mapped address is the IPv4 address.
    .filter((address) => !address.startsWith('::ffff:'));
  expect(edges.length).toBeGreaterThan(150);
  const interfaces = () => ({});
  const differ = edges.filter(
    (address) => passes(address) !== isAllowedAddress(address, false, interfaces),
  );
  expect(differ).toEqual([]);
});

/** The destinations of delivery at port 25, from the chart as Helm renders it. */
async function blocksOfPolicy(): Promise<{ cidr: Range; except: Range[] }[]> {
  const file = new URL('../../chart/test/golden/minimal.yaml', import.meta.url);
  const rule = /port: 25\n.*\n +to:\n((?: +- ipBlock:\n(?: {8,}.*\n)+)+)/.exec(
    await readFile(file, 'utf8'),
  );
  const blocks = (rule?.[1] ?? '').split('ipBlock:').slice(1);
  return blocks.map((block) => {
    const [cidr, ...except] = block.match(/[\da-f.:]+\/\d+/g) ?? [];
    return {
      cidr: ipaddr.parseCIDR(cidr ?? ''),
      except: except.map((one) => ipaddr.parseCIDR(one)),
    };
  });
}

/** The ranges of ipaddr.js; those of IPv4 also behind NAT64. */
function specialRanges(): Range[] {
  const of = (kind: object) =>
    Object.values(
      (kind as { SpecialRanges: Record<string, Range | Range[]> }).SpecialRanges,
    ).flatMap((ranges) => (Array.isArray(ranges[0]) ? (ranges as Range[]) : [ranges as Range]));
  const four = of(ipaddr.IPv4.prototype);
  const behindNat64 = four.map(([address, length]) =>
    ipaddr.parseCIDR(`64:ff9b::${address.toString()}/${String(length + 96)}`),
  );
  return [...four, ...of(ipaddr.IPv6.prototype), ...behindNat64];
}

/** The first and the last address of a range, and their neighbours outside. */
function edgesOf([address, length]: Range): string[] {
  const bytes = address.toByteArray();
  const bits = bytes.length * 8;
  const size = 1n << BigInt(bits - length);
  const first = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  return [first - 1n, first, first + size - 1n, first + size]
    .filter((value) => value >= 0n && value < 1n << BigInt(bits))
    .map((value) => Buffer.from(value.toString(16).padStart(bits / 4, '0'), 'hex'))
    .map((octets) => ipaddr.fromByteArray([...octets]).toString());
}
