/**
 * Whose connections count together: an IPv4 address; of IPv6 a /64, which is the least that one
 * customer of a provider has, and a /48, which is the most (RFC 6177 2). Who owns a /48 has 65,536 of
 * /64. IPv4 counts as IPv4 however the socket tells it (RFC 4291 2.5.5.2).
 */
export function clientNetworksOf(address: string): ClientNetwork[] {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  if (!plain.includes(':')) return [{ name: plain, share: 1 }];
  const [head = '', tail = ''] = plain.split('::');
  const before = groups(head);
  const zeros = 8 - before.length - groups(tail).length;
  const all = [...before, ...Array.from({ length: zeros }, () => '0'), ...groups(tail)];
  return [
    { name: `${all.slice(0, 4).join(':')}::/64`, share: 1 },
    { name: `${all.slice(0, 3).join(':')}::/48`, share: widerShare },
  ];
}

export interface ClientNetwork {
  readonly name: string;
  /** How many times the connections of one address it may have. */
  readonly share: number;
}

/** A /48 may be one customer's or, at a hoster, that of many. */
const widerShare = 4;

const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
