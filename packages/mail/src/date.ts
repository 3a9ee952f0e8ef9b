/** A date-time as mail writes it (RFC 5322 3.3), in UTC. */
export function mailDate(at: number): string {
  // toUTCString has the right form but for the obsolete zone name (RFC 5322 4.3).
  return new Date(at).toUTCString().replace('GMT', '+0000');
}
