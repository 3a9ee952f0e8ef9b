import ipaddr from 'ipaddr.js';

/**
 * The networks by which connections are counted: an IPv4 address; for IPv6 a /64, the smallest assignment of
 * a provider to a customer, and a /48, the largest (RFC 6177 2). A /48 contains 65,536 /64. An IPv4 address
 * counts as IPv4 also if the socket reports it as IPv6 (RFC 4291 2.5.5.2).
 */
export function clientNetworksOf(address: string): ClientNetwork[] {
  // A closed socket has no address.
  if (!ipaddr.isValid(address)) return [{ name: address, share: 1 }];
  const plain = ipaddr.process(address);
  if (!(plain instanceof ipaddr.IPv6)) return [{ name: plain.toString(), share: 1 }];
  const groups = plain.parts.map((group) => group.toString(16));
  return [
    { name: `${groups.slice(0, 4).join(':')}::/64`, share: 1 },
    { name: `${groups.slice(0, 3).join(':')}::/48`, share: widerShare },
  ];
}

/**
 * The network that is stored with a device: an IPv4 /24, an IPv6 /48. Addresses of one provider's customer
 * change within it.
 */
export function usualNetworkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const plain = ipaddr.process(address);
  const length = plain instanceof ipaddr.IPv6 ? 48 : 24;
  const network = plain instanceof ipaddr.IPv6 ? ipaddr.IPv6 : ipaddr.IPv4;
  const cidr = `${plain.toString()}/${String(length)}`;
  return `${network.networkAddressFromCIDR(cidr).toString()}/${String(length)}`;
}

export interface ClientNetwork {
  readonly name: string;
  /** The factor on the limit of one address. */
  readonly share: number;
}

/** A /48 may belong to one customer or, at a hosting provider, to many. */
const widerShare = 4;
