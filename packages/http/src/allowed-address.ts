import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;

/** No server can listen at these addresses, so no setting allows them. */
const never = new Set(['unspecified', 'broadcast', 'multicast', 'discard', 'segmentRouting']);

/** The only IPv6 range in use on the internet (RFC 4291 2.4). */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/** A connection to these reaches the IPv4 address in the last 32 bits: mapped, NAT64 (RFC 4291, RFC 6052). */
const carriers = ['::ffff:0:0/96', '64:ff9b::/96'].map((range) => ipaddr.parseCIDR(range));

/**
 * Whether an address that a customer or a receiver has named may be called: a domain's MX, or the provider of a
 * sign-in, may point to any address. Without this check, mail and requests could be sent into our own network.
 *
 * Only addresses on the internet are allowed. Private, reserved and documentation ranges are refused, and the
 * addresses of our own interfaces. 6to4 and Teredo are refused too, because they lead to an IPv4 address and
 * no such server uses them. With `allowPrivate`, only addresses that cannot be a host are refused. The chart's
 * NetworkPolicy has the same ranges. The interfaces are read each time, because IPv6 addresses change.
 */
export function isAllowedAddress(
  address: string,
  allowPrivate: boolean,
  interfaces = networkInterfaces,
): boolean {
  // Refused if Node does not accept it: for the others, Node and the parser agree on the address.
  if (isIP(address) === 0) return false;
  const target = targetOf(ipaddr.parse(address));
  const range: string = target.range();
  if (never.has(range)) return false;
  if (allowPrivate) return true;
  const isGlobal = target.kind() === 'ipv4' || target.match(globalUnicast);
  return range === 'unicast' && isGlobal && !isOneOf(interfaces(), target);
}

/** The address that a connection finally reaches. */
function targetOf(address: Address): Address {
  if (address.kind() === 'ipv4' || !carriers.some((range) => address.match(range))) return address;
  return ipaddr.fromByteArray(address.toByteArray().slice(12));
}

function isOneOf(interfaces: ReturnType<typeof networkInterfaces>, target: Address): boolean {
  const ours = Object.values(interfaces).flatMap((known) => known ?? []);
  return ours.some(({ address }) => ipaddr.parse(address).toString() === target.toString());
}
