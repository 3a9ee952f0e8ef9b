const lineDot = Buffer.from('\n.');
const lineEnd = Buffer.from('\r\n');
const dot = Buffer.from('.');
const finalDot = Buffer.from('.\r\n');
const finalLine = Buffer.from('\r\n.\r\n');

/**
 * What is written after DATA for a message that is in memory: a dot at the start of a line is doubled
 * (RFC 5321 4.5.2) and the final dot follows. Nothing is copied. `parts` are whole lines each. Ingress
 * lets no bare LF in; a dot after one would be doubled all the same, so that nobody can read an end
 * of data into a message.
 */
export function dataOf(parts: readonly Buffer[]): Buffer[] {
  const out: Buffer[] = [];
  let last: Buffer | undefined;
  for (const part of parts) {
    if (part.length === 0) continue;
    stuff(part, out);
    last = part;
  }
  out.push(last === undefined || endsLine(last) ? finalDot : finalLine);
  return out;
}

function stuff(part: Buffer, out: Buffer[]): void {
  if (part[0] === 0x2e) out.push(dot);
  let from = 0;
  for (let at = part.indexOf(lineDot); at !== -1; at = part.indexOf(lineDot, at + 1)) {
    out.push(part.subarray(from, at + 1), dot);
    from = at + 1;
  }
  out.push(from === 0 ? part : part.subarray(from));
}

const endsLine = (part: Buffer): boolean => part.subarray(-2).equals(lineEnd);
