/**
 * Whose connections count together: an IPv4 address, or an IPv6 /64, which is the least that one
 * customer of a provider has (RFC 6177 2); who owns one owns 2^64 addresses. IPv4 counts as IPv4
 * however the socket tells it (RFC 4291 2.5.5.2).
 */
export function placeOf(address: string): string {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail = ''] = plain.split('::');
  const before = groups(head);
  const zeros = 8 - before.length - groups(tail).length;
  const all = [...before, ...Array.from({ length: zeros }, () => '0'), ...groups(tail)];
  return `${all.slice(0, 4).join(':')}::/64`;
}

const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
