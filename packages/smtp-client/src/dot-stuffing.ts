const dot = Buffer.from('.');
const lineDot = Buffer.from('\n.');
const finalDot = Buffer.from('.\r\n');
const finalLine = Buffer.from('\r\n.\r\n');

export const lineEnd = '\r\n';

/** The last two octets of a message that ended with `end` before `octets` were added. */
export const endOf = (end: string, octets: Buffer): string =>
  (end + octets.toString('latin1', Math.max(0, octets.length - 2))).slice(-2);

export interface DotStuffer {
  /** The octets of the message in the form to send. Nothing is copied. */
  stuff(octets: Buffer): Buffer[];
  /** The final dot, after the end of the last line. */
  end(): Buffer;
}

/**
 * Doubles each dot at the start of a line (RFC 5321 4.5.2), for any chunks. A dot after a bare LF is doubled
 * too, so that no receiver can take a part of the message for its end.
 */
export function createDotStuffer(): DotStuffer {
  /** The last two octets. The message starts at the start of a line. */
  let last = lineEnd;

  return {
    stuff(octets) {
      if (octets.length === 0) return [];
      const out: Buffer[] = [];
      if (octets[0] === 0x2e && last.endsWith('\n')) out.push(dot);
      let from = 0;
      for (let at = octets.indexOf(lineDot); at !== -1; at = octets.indexOf(lineDot, at + 1)) {
        out.push(octets.subarray(from, at + 1), dot);
        from = at + 1;
      }
      out.push(octets.subarray(from));
      last = endOf(last, octets);
      return out;
    },
    end: () => (last === lineEnd ? finalDot : finalLine),
  };
}
