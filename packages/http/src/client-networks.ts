import ipaddr from 'ipaddr.js';

/**
 * Whose connections count together: an IPv4 address; of IPv6 a /64, which is the least that one
 * customer of a provider has, and a /48, which is the most (RFC 6177 2). Who owns a /48 has 65,536 of
 * /64. IPv4 counts as IPv4 however the socket tells it (RFC 4291 2.5.5.2).
 */
export function clientNetworksOf(address: string): ClientNetwork[] {
  // A socket that has ended already has no address.
  if (!ipaddr.isValid(address)) return [{ name: address, share: 1 }];
  const plain = ipaddr.process(address);
  if (!(plain instanceof ipaddr.IPv6)) return [{ name: plain.toString(), share: 1 }];
  const groups = plain.parts.map((group) => group.toString(16));
  return [
    { name: `${groups.slice(0, 4).join(':')}::/64`, share: 1 },
    { name: `${groups.slice(0, 3).join(':')}::/48`, share: widerShare },
  ];
}

export interface ClientNetwork {
  readonly name: string;
  /** How many times the connections of one address it may have. */
  readonly share: number;
}

/** A /48 may be one customer's or, at a hoster, that of many. */
const widerShare = 4;
