import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Networks with a shorter prefix are too large for one customer. */
const widest = { ipv4: 8, ipv6: 16 } as const;
const longest = { ipv4: 32, ipv6: 128 } as const;

/** IPv4 written as IPv6 (RFC 4291 2.5.5.2): a second notation of a network would hide an overlap. */
const mapped = '::ffff:0:0/96';

function networkList({ address, prefix, family }: Network): BlockList {
  const list = new BlockList();
  list.addSubnet(address, prefix, family);
  return list;
}

function parse(cidr: string): Network | undefined {
  const [address = '', digits = '', ...rest] = cidr.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return undefined;
  if (!/^(0|[1-9]\d{0,2})$/.test(digits)) return undefined;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const prefix = Number(digits);
  return prefix <= longest[family] ? { address, prefix, family } : undefined;
}

/** The reason why a network is not accepted for submission; `undefined` if it is. */
export function refusalOf(cidr: string): string | undefined {
  const network = parse(cidr);
  if (network === undefined) return 'must be a network such as 192.0.2.0/24 or 2001:db8::/48';
  const { family, prefix } = network;
  if (prefix < widest[family]) return `must not be wider than /${String(widest[family])}`;
  if (overlap(cidr, mapped)) return 'must be written as IPv4';
  return undefined;
}

/** If two networks overlap, one contains the other's address. */
export function overlap(one: string, other: string): boolean {
  const a = parse(one);
  const b = parse(other);
  if (a === undefined || b === undefined || a.family !== b.family) return false;
  return networkList(a).check(b.address, b.family) || networkList(b).check(a.address, a.family);
}

/** Whether a network is a part of another one, or the same. */
export function isWithin(inner: string, outer: string): boolean {
  const [part, whole] = [parse(inner), parse(outer)];
  if (part === undefined || whole === undefined || part.family !== whole.family) return false;
  return part.prefix >= whole.prefix && networkList(whole).check(part.address, part.family);
}

/** Whether an IP address is in a network. An IPv4 address may be written as IPv6, as sockets report it. */
export function contains(cidr: string, address: string): boolean {
  const network = parse(cidr);
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  const version = isIP(plain);
  if (network === undefined || version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return family === network.family && networkList(network).check(plain, family);
}

export const NetworkCidr = z
  .string()
  .max(64)
  .superRefine((cidr, context) => {
    const message = refusalOf(cidr);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
