import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;

/** Nothing can listen there, so no setting opens these. */
const never = new Set(['unspecified', 'broadcast', 'multicast', 'discard', 'segmentRouting']);

/** The only part of IPv6 that is in use on the internet (RFC 4291 2.4). */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/** A connection to these goes to the IPv4 address in their last 32 bits: mapped, NAT64 (RFC 4291, RFC 6052). */
const carriers = ['::ffff:0:0/96', '64:ff9b::/96'].map((range) => ipaddr.parseCIDR(range));

/**
 * Whether an address may be dialled. A domain's MX may point anywhere; without this, mail would reach
 * into our own network.
 *
 * Only addresses on the internet are allowed: no private, reserved or documentation ranges, none of
 * 6to4 and Teredo, which lead to an IPv4 address and where no mail server is, and none of our own
 * interfaces. With `privateMx`, only what can be no host at all is refused. The chart's NetworkPolicy
 * has the same ranges. The interfaces are asked each time, since IPv6 addresses come and go.
 */
export function isAllowed(
  address: string,
  privateMx: boolean,
  interfaces = networkInterfaces,
): boolean {
  // What Node takes for an address is all that is judged: it reads the same in both.
  if (isIP(address) === 0) return false;
  const target = targetOf(ipaddr.parse(address));
  const range: string = target.range();
  if (never.has(range)) return false;
  if (privateMx) return true;
  const isGlobal = target.kind() === 'ipv4' || target.match(globalUnicast);
  return range === 'unicast' && isGlobal && !isOneOf(interfaces(), target);
}

/** The address that a connection leads to. */
function targetOf(address: Address): Address {
  if (address.kind() === 'ipv4' || !carriers.some((range) => address.match(range))) return address;
  return ipaddr.fromByteArray(address.toByteArray().slice(12));
}

function isOneOf(interfaces: ReturnType<typeof networkInterfaces>, target: Address): boolean {
  const ours = Object.values(interfaces).flatMap((known) => known ?? []);
  return ours.some(({ address }) => ipaddr.parse(address).toString() === target.toString());
}
