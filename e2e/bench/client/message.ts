/** Messages of the client have their number in the Message-ID field, so that the sink recognises them. */
const before = 'Message-ID: <';
const after = '@client.example.org>';

/** The content with its final dot, as it goes over the wire; `octets` of body in lines of 64 octets. */
export function messageWith(number: number, addresses: { from: string; to: string }, body: string) {
  const header = [
    `From: <${addresses.from}>`,
    `To: <${addresses.to}>`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    'Subject: benchmark',
    `${before}${String(number)}${after}`,
  ].join('\r\n');
  return Buffer.from(`${header}\r\n\r\n${body}.\r\n`, 'latin1');
}

/** A body of about this many octets. */
export const bodyOf = (octets: number): string =>
  `${'X'.repeat(62)}\r\n`.repeat(Math.max(Math.round(octets / 64), 1));

const pattern = new RegExp(`^${before}(\\d+)${after.replaceAll('.', '\\.')}`, 'm');

/** The number of a message; `undefined` if it is not one of the client. */
export function numberOf(header: string): number | undefined {
  const text = pattern.exec(header)?.[1];
  return text === undefined ? undefined : Number(text);
}
