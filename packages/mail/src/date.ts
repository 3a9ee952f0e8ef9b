/** A date-time as mail writes it (RFC 5322 3.3), in UTC. */
export function mailDate(at: number): string {
  const second = Math.floor(at / 1_000);
  if (second !== last.second) last = { second, text: write(at) };
  return last.text;
}

/** Busy servers write the same second again and again. */
let last = { second: Number.NaN, text: '' };

/** `toUTCString` has the right form but for the obsolete zone name (RFC 5322 4.3). */
const write = (at: number) => new Date(at).toUTCString().replace('GMT', '+0000');
